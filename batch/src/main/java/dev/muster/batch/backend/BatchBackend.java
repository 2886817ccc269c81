package dev.muster.batch.backend;

import dev.muster.batch.internal.usercode.UserCode;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.DialectStrategy;
import dev.muster.batch.spi.JobBackend;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.batch.spi.WorkerJob;
import dev.muster.code.Carries;
import dev.muster.code.ContainerSpec;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Pool;
import dev.muster.execution.Staging;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.resource.Quantities;
import dev.muster.resource.Walltime;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.spi.ProbeContext;
import dev.muster.spi.ResultKeys;
import dev.muster.spi.WorkerContext;
import dev.muster.spi.WorkerCredentials;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backend {@code batch}: each task is a job of the execution's strategy, and tasks that become ready together are
 * one array.
 *
 * <p>Operations are Python functions or shell commands. Jobs see the folders of this host ({@code staging: shared}),
 * or are sent what they need and send back what they have made ({@code staging: transfer}); they need Python 3.8 or
 * newer. Options of a pool or an execution: {@code python} (default {@code python3}), {@code modules} (environment
 * modules to load), {@code max_queued} (jobs of a pool in the batch system at a time, default no limit),
 * {@code tasks_per_job} (default 1), {@code orphans} ({@code keep}, the default on a batch system, or {@code end}: what
 * becomes of jobs if this JVM dies), {@code held_timeout} (default 5 min) and {@code log_directory}. Thread-safe.
 *
 * @since 0.1
 */
public final class BatchBackend implements JobBackend {
  /** The name of this backend. */
  static final String NAME = "batch";

  /** The folder of a session in the run's directory, below {@code debug}. */
  static final String FOLDER = "batch";

  private static final Logger log = LoggerFactory.getLogger(BatchBackend.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration LOCAL_PAUSE = Duration.ofMillis(20);
  private static final Duration LINGER = Duration.ofMillis(20);

  /** Options of the execution without which its jobs cannot be asked for by another process. */
  private static final Set<String> RECORDED = Set.of("command_timeout", "poll_interval");

  /** Creates the backend; {@link java.util.ServiceLoader} does so too. */
  public BatchBackend() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Carries carries() {
    return StageCalls.CARRIES;
  }

  @Override
  public Set<String> options() {
    return Stream.of(PoolOptions.NAMES, ContainerSpec.OPTIONS)
        .flatMap(Set::stream)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public void check(BackendContext context) {
    List<Problem> problems = new ArrayList<>();
    try {
      StageCalls calls = new StageCalls(context);
      log.trace("stages: {}", calls);
    } catch (WorkflowException e) {
      problems.addAll(e.problems());
    }
    try {
      UserCode.checkNames(context.plan());
    } catch (WorkflowException e) {
      problems.addAll(e.problems());
    }
    if (sent(context)) {
      problems.addAll(TransferProblems.of(context));
    }
    context.pools().forEach(pool -> problems.addAll(PoolOptions.problems(context, pool)));
    problems.addAll(spread(context));
    if (problems.isEmpty()) {
      PreparedEnvironment checked = JobContext.of(context).environment();
      log.trace("the jobs' environment is checked: {}", checked);
    }
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
  }

  @Override
  public BackendSession open(BackendContext context) {
    StageCalls stages = new StageCalls(context);
    WorkerCredentials credentials = context.credentials();
    log.debug("credentials of the jobs: {}", credentials);
    PreparedEnvironment prepared =
        JobContext.of(context).environment(); // may take long: before anything starts
    log.debug("the jobs' environment is ready: {}", prepared);
    Path folder = folder(context);
    RunnerFiles.extract(folder.resolve("python"));
    JobPlans plans = JobPlans.of(context, folder, true);
    SentCode sent = plans.sent();
    if (sent != null) {
      sent.write();
    }
    List<PoolJobs> pools = context.pools().stream()
        .map(pool -> new PoolJobs(pool, PoolOptions.of(context, pool)))
        .toList();
    boolean here = !(JobContext.of(context).strategy() instanceof DialectStrategy);
    Duration pause = here ? LOCAL_PAUSE : interval(context.config()).dividedBy(4);
    BatchSystem system = JobContext.of(context).processes();
    CallFiles calls = new CallFiles(context, stages, folder.resolve("values"), plans, sent);
    Map<String, @Nullable Object> config = new LinkedHashMap<>(context.config());
    config.keySet().retainAll(RECORDED);
    ResultKeys keys = context.resultKeys();
    String strategy = JobContext.of(context).strategy().name();
    JobRecord record = JobRecord.begin(
        folder,
        context.runId(),
        strategy,
        config,
        keys == null ? 1 : keys.controller(),
        sent != null);
    List<JobRecord> records = new ArrayList<>(List.of(record));
    Earlier earlier;
    try {
      earlier = new TakingOver(context, strategy, plans, system, pools, records).find(folder);
    } catch (RuntimeException | Error e) {
      records.forEach(JobRecord::drop);
      throw e;
    }
    Work work =
        new Work(context.plan(), folder, pools, here ? Duration.ZERO : LINGER, record, earlier);
    if (pools.stream().anyMatch(pool -> pool.options.lasting())) {
      context
          .sink()
          .notice("jobs of this run go on if this process dies (orphans: keep): 'muster jobs "
              + context.directory() + "' lists them, and 'muster cancel " + context.directory()
              + "' ends them");
    }
    return new BatchSession(
        context.runId(),
        work,
        system,
        records,
        pause,
        new Submitting(context.sink(), work, calls, plans, system, keys, context.plan()::nameOf),
        new Watching(
            context.sink(),
            work,
            system,
            new TaskReports(context.sink(), work, calls, keys, sent != null),
            sent == null ? null : new Parcels(context::folder),
            records,
            pause,
            here));
  }

  /** Finds stages whose container would have to be on several nodes. */
  private static List<Problem> spread(BackendContext context) {
    Set<Problem> problems = new LinkedHashSet<>();
    for (PlannedStage stage : context.stages()) {
      Quantities own = stage.stage().environment().resources();
      for (Pool pool : stage.route().pools()) {
        int nodes = own.over(pool.quantities()).nodesOrDefault();
        if (stage.stage().environment().image() != null && nodes > 1) {
          problems.add(new Problem(
              null,
              "stage " + stage.id() + ".environment.image",
              "its job has nodes " + nodes + " (pool " + pool.name()
                  + "), and a container is on one of them",
              "leave image out, and let the command start the program in its container on each"
                  + " node, for example mpirun apptainer exec IMAGE PROGRAM"));
        }
      }
    }
    return List.copyOf(problems);
  }

  /** Tells whether jobs see nothing of this host, and are sent what they need. */
  static boolean sent(WorkerContext context) {
    return context.plan().execution().execution().staging() == Staging.TRANSFER;
  }

  private static Duration interval(Map<String, @Nullable Object> config) {
    Object value = config.get("poll_interval");
    return value == null ? INTERVAL : Walltime.parse(value.toString());
  }

  /** Makes the session's folder. */
  private static Path folder(BackendContext context) {
    try {
      Path debug = OwnFiles.folder(context.directory().resolve("debug"));
      for (int number = 1; ; number++) {
        try {
          Path work =
              OwnFiles.newSecretFolder(debug.resolve(number == 1 ? FOLDER : FOLDER + "-" + number));
          OwnFiles.secretFolder(work.resolve("values"));
          return work;
        } catch (FileAlreadyExistsException e) {
          log.debug("the run has another session of jobs: {}", e.getMessage());
        }
      }
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot write to the run's directory " + context.directory(), e);
    }
  }

  @Override
  public List<WorkerJob> workers(WorkerContext context) {
    Path folder = context.directory().resolve("debug").resolve(FOLDER);
    JobPlans plans = JobPlans.of(context, folder, false);
    SentCode sent = plans.sent();
    List<WorkerJob> jobs = new ArrayList<>();
    for (Pool pool : context.pools()) {
      PoolOptions options = PoolOptions.of(context, pool);
      long tasks = tasks(context.plan(), pool);
      long most =
          Math.min((tasks + options.tasksPerJob() - 1) / options.tasksPerJob(), options.most());
      JobSpec job =
          plans.job(pool, options.quantities(), JobPlans.runner(context), folder.resolve("1"));
      jobs.add(new WorkerJob(pool, job, (int) most, sent == null ? Map.of() : sent.described()));
    }
    return jobs;
  }

  @Override
  public @Nullable String unrecorded(Plan plan) {
    return null;
  }

  @Override
  public Map<String, String> leftBehind(Path directory) {
    return RecordedSession.leftBehind(directory.resolve("debug"));
  }

  @Override
  public boolean startsWorkers() {
    return false;
  }

  /** Returns how many tasks go to a pool, if it is the first of their route. */
  private static long tasks(Plan plan, Pool pool) {
    long sum = 0;
    for (PlannedStage stage : plan.stages()) {
      boolean here = stage.route().backend().equals(NAME)
          && stage.route().pools().get(0).name().equals(pool.name());
      sum += here ? stage.taskCount() : 0;
    }
    return sum;
  }

  @Override
  public void probe(ProbeContext context) throws InterruptedException {
    BatchProbe.run(context);
  }
}
