package dev.muster.dask;

import dev.muster.batch.internal.usercode.UserCode;
import dev.muster.batch.spi.JobBackend;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.batch.spi.WorkerJob;
import dev.muster.code.Carries;
import dev.muster.code.ContainerSpec;
import dev.muster.error.Problem;
import dev.muster.error.Visible;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Credentials;
import dev.muster.execution.Execution;
import dev.muster.execution.Pool;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.plan.Plan;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.spi.OptionProblems;
import dev.muster.spi.ProbeContext;
import dev.muster.spi.WorkerContext;
import dev.muster.spi.WorkerCredentials;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backend {@code dask}: tasks run on Dask workers, one group of workers for each pool, started by the execution's
 * strategy.
 *
 * <p>It needs a Python with {@code distributed}, 2022.12 or newer, here and where the workers run. Operations are
 * Python functions or shell commands. Options in {@code execution.config}: {@code python} (default: the first of
 * {@code python3} and {@code /usr/bin/python3} that has {@code distributed}), {@code address} of an existing
 * scheduler, {@code security} ({@code tls}, the default, or {@code none}), {@code host}, {@code scheduler_port},
 * {@code dashboard} (default false), {@code worker_start_timeout} (default 5 min), {@code death_timeout}, {@code
 * idle_timeout} (for adaptive pools, default 10 s) and {@code batch} (default true). Source: "Resource Pools and
 * Dask" of FAST-HEP's resource pools. Thread-safe.
 *
 * @since 0.1
 */
public final class DaskBackend implements JobBackend {
  /** The name of this backend. */
  static final String NAME = "dask";

  private static final String PACKED = "packed-pixi";
  private static final Logger log = LoggerFactory.getLogger(DaskBackend.class);

  /** Creates the backend; {@link java.util.ServiceLoader} does so too. */
  public DaskBackend() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void check(BackendContext context) {
    List<Problem> problems = new ArrayList<>();
    collect(problems, () -> {
      StageTable table = new StageTable(context);
      log.debug("stages: {}", table);
    });
    Map<String, @Nullable Object> own = new LinkedHashMap<>(context.config());
    own.keySet().retainAll(DaskConfig.OPTIONS);
    List<Problem> wrong = OptionProblems.of(own, options -> {
      DaskConfig config = DaskConfig.of(options);
      log.debug("options: {}", config);
    });
    problems.addAll(wrong);
    if (wrong.isEmpty() && DaskConfig.of(context.config()).address() == null) {
      PreparedEnvironment checked = JobContext.of(context).environment();
      log.trace("the workers' environment is checked: {}", checked);
    }
    if (wrong.isEmpty()) {
      collect(problems, () -> Transfers.check(context.plan(), DaskConfig.of(context.config())));
    }
    collect(problems, () -> UserCode.checkNames(context.plan()));
    context.pools().forEach(pool -> problems.addAll(PoolConfig.problems(context, pool)));
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
  }

  private static void collect(List<Problem> problems, Runnable check) {
    try {
      check.run();
    } catch (WorkflowException e) {
      problems.addAll(e.problems());
    }
  }

  @Override
  public BackendSession open(BackendContext context) {
    DaskConfig config = DaskConfig.of(context.config());
    Interpreters.Choice python = config.python();
    if (python.notice() != null) {
      context.sink().notice(python.notice());
    }
    StageTable table = new StageTable(context);
    if (!config.secure() && config.address() == null) {
      String warning =
          "TLS is off (execution.config.security: none): whoever reaches the Dask scheduler's port can run"
              + " code as this user";
      log.warn("{}", Visible.text(warning));
      context.sink().notice(warning);
    }
    if (config.address() == null) {
      WorkerCredentials credentials = context.credentials();
      log.debug("credentials of the workers: {}", credentials);
      PreparedEnvironment prepared =
          JobContext.of(context).environment(); // may take long: before anything starts
      log.debug("the workers' environment is ready: {}", prepared);
    } else if (namesCredentials(context)) {
      context
          .sink()
          .notice(
              "the workers of the existing cluster at " + config.address()
                  + " get no credentials (execution.credentials): only workers that this run starts do");
    }
    UserCode code = UserCode.of(context);
    Transfers.check(context.plan(), config);
    Transfers.warn(context, config);
    Path work = folder(context);
    try {
      WorkerJobs jobs = new WorkerJobs(context, work, code);
      jobs.write();
      return new Opening(context, config, table, jobs, python.command()).open();
    } catch (RuntimeException | Error e) {
      Teardown.after(e, () -> PythonFiles.delete(work));
      throw e;
    }
  }

  private static boolean namesCredentials(WorkerContext context) {
    Credentials wanted = context.plan().execution().execution().credentials();
    return wanted != null && !wanted.kinds().isEmpty();
  }

  /** Makes the session's folder. */
  private static Path folder(BackendContext context) {
    try {
      Path debug = OwnFiles.folder(debug(context));
      OwnFiles.folder(debug.resolve("logs"));
      for (int number = 1; ; number++) {
        try {
          Path work =
              OwnFiles.newSecretFolder(debug.resolve(number == 1 ? "dask" : "dask-" + number));
          OwnFiles.newFile(work.resolve("mark"));
          return work;
        } catch (FileAlreadyExistsException e) {
          log.debug("the run has another session on Dask: {}", e.getMessage());
        }
      }
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot write to the run's directory " + context.directory(), e);
    }
  }

  private static Path debug(WorkerContext context) {
    return context.directory().resolve("debug").resolve("distributed");
  }

  @Override
  public @Nullable String unrecorded(Plan plan) {
    Execution execution = plan.execution().execution();
    if (execution.staging() == Staging.TRANSFER) {
      return "results of Dask workers to which files are sent (staging: transfer) are not kept";
    }
    WorkerEnvironment environment = execution.environment();
    return environment == null || !PACKED.equals(environment.type())
        ? null
        : "results of Dask workers that unpack their environment (" + PACKED + ") are not kept";
  }

  @Override
  public Carries carries() {
    return WorkerCode.CARRIES;
  }

  @Override
  public Set<String> options() {
    return Stream.of(DaskConfig.OPTIONS, PoolConfig.OPTIONS, ContainerSpec.OPTIONS)
        .flatMap(Set::stream)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public List<WorkerJob> workers(WorkerContext context) {
    if (DaskConfig.of(context.config()).address() != null) {
      return List.of();
    }
    WorkerJobs jobs = new WorkerJobs(context, debug(context).resolve("dask"));
    List<WorkerJob> workers = new ArrayList<>();
    int number = 0;
    for (Pool pool : context.pools()) {
      JobSpec job = jobs.job(pool, number++, 0);
      workers.add(new WorkerJob(pool, job, pool.workersOrDefault().min(), jobs.described(job)));
    }
    return workers;
  }

  @Override
  public void probe(ProbeContext context) throws InterruptedException {
    DaskProbe.run(context);
  }
}
