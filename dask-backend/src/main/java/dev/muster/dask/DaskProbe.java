package dev.muster.dask;

import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.batch.spi.StatusReport;
import dev.muster.code.ContainerSpec;
import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.LogTail;
import dev.muster.probe.Finding;
import dev.muster.probe.Finding.Outcome;
import dev.muster.spi.ProbeContext;
import dev.muster.value.ValueEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tries out the workers of pools: one short job for each, which looks around and tells what it saw. Not thread-safe.
 */
final class DaskProbe {
  static final String CREDENTIALS = "credentials";
  private static final Duration LOCAL = Duration.ofMillis(250);
  private static final Duration BATCH = Duration.ofSeconds(2);

  private final ProbeContext context;
  private final DaskConfig config;
  private final WorkerJobs jobs;
  private final ProbeListener listener;
  private final Map<String, @Nullable Object> here;
  private final List<Trial> trials = new ArrayList<>();

  /** One pool that is tried. */
  private static final class Trial {
    final Pool pool;
    final String token;
    final JobSpec spec;
    final Path result;
    final long began = System.nanoTime();

    @Nullable
    JobId job;

    @Nullable
    JobStatus status;

    Trial(Pool pool, String token, JobSpec spec, Path result) {
      this.pool = pool;
      this.token = token;
      this.spec = spec;
      this.result = result;
    }

    Duration took() {
      return Duration.ofNanos(System.nanoTime() - began);
    }
  }

  private DaskProbe(
      ProbeContext context,
      DaskConfig config,
      WorkerJobs jobs,
      ProbeListener listener,
      Map<String, @Nullable Object> here) {
    this.context = context;
    this.config = config;
    this.jobs = jobs;
    this.listener = listener;
    this.here = here;
  }

  /** Tries out the pools of a session. */
  static void run(ProbeContext context) throws InterruptedException {
    DaskConfig config = DaskConfig.of(context.config());
    Path work = context.directory().resolve("debug").resolve("distributed").resolve("dask");
    WorkerJobs jobs = new WorkerJobs(context, work);
    jobs.write();
    long began = System.nanoTime();
    Map<String, @Nullable Object> here;
    Interpreters.Choice python;
    try {
      python = config.python();
      here = ProbeSoftware.here(python.command(), jobs.modules());
    } catch (MusterException e) {
      context.found(
          new Finding(null, "bridge", Outcome.BAD, String.valueOf(e.getMessage()), since(began)));
      return;
    }
    Finding bridge =
        ProbeSoftware.finding(null, "bridge", here, null, config.secure(), since(began));
    if (python.notice() != null) {
      bridge = new Finding(
          null,
          "bridge",
          bridge.outcome(),
          bridge.detail() + "; " + python.notice(),
          bridge.took());
    }
    context.found(bridge);
    if (bridge.outcome() == Outcome.BAD) {
      return;
    }
    if (config.address() != null) {
      context.found(new Finding(
          null,
          "workers",
          Outcome.GOOD,
          "those of the existing cluster at " + config.address() + "; none are started",
          Duration.ZERO));
      return;
    }
    if (!credentials(context) || !environment(context)) {
      return;
    }
    boolean local = "local".equals(JobContext.of(context).strategy().name());
    try (ProbeListener listener =
        ProbeListener.open(config.host(), config.schedulerPort(), local)) {
      new DaskProbe(context, config, jobs, listener, here).run(local ? LOCAL : BATCH);
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot listen for the probe's answers", e);
    }
  }

  /** Finds and copies the workers' credentials; tells whether that went well. */
  private static boolean credentials(ProbeContext context) {
    long began = System.nanoTime();
    try {
      for (String found : context.credentials().summary()) {
        context.found(new Finding(null, CREDENTIALS, Outcome.GOOD, found, since(began)));
      }
      return true;
    } catch (MusterException e) {
      context.found(new Finding(
          null, CREDENTIALS, Outcome.BAD, String.valueOf(e.getMessage()), since(began)));
      return false;
    }
  }

  /** Gets the workers' environment ready; tells whether that went well. */
  private static boolean environment(ProbeContext context) {
    long began = System.nanoTime();
    try {
      PreparedEnvironment environment = JobContext.of(context).environment();
      if (environment.python() != null) {
        context.found(new Finding(
            null,
            "environment",
            Outcome.GOOD,
            Stream.concat(
                    Stream.of(environment.python()),
                    environment.files().stream().map(Path::toString))
                .collect(Collectors.joining(", ")),
            since(began)));
      }
      return true;
    } catch (MusterException e) {
      context.found(new Finding(
          null, "environment", Outcome.BAD, String.valueOf(e.getMessage()), since(began)));
      return false;
    }
  }

  private static Duration since(long began) {
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private void run(Duration interval) throws InterruptedException {
    int number = 0;
    for (Pool pool : context.pools()) {
      submit(pool, number++);
    }
    try {
      List<Trial> open = new ArrayList<>(trials);
      while (!open.isEmpty()) {
        open.removeIf(trial -> over(trial));
        if (!open.isEmpty()) {
          listener.await(interval);
          ask(open);
        }
      }
    } finally {
      List<JobId> ids =
          trials.stream().map(trial -> trial.job).filter(Objects::nonNull).toList();
      if (!ids.isEmpty()) {
        JobContext.of(context).processes().cancel(Set.copyOf(ids));
      }
    }
  }

  private void submit(Pool pool, int number) {
    long began = System.nanoTime();
    Path file = jobs.work().resolve("probe-" + number + ".json");
    Path result = jobs.work().resolve("probe-" + number + ".result.json");
    String token = listener.token();
    PoolConfig own = PoolConfig.of(context, pool);
    JobSpec worker = jobs.job(pool, number, 0);
    boolean sent = jobs.sent();
    JobSpec spec = worker.toBuilder()
        .command(jobs.command(pool, "muster_dask.probe", file))
        .files(sent ? jobs.files(file) : worker.files())
        .build();
    Trial trial = new Trial(pool, token, spec, result);
    try {
      Map<String, @Nullable Object> told = new LinkedHashMap<>();
      told.put("token", token);
      told.put("hosts", listener.hosts());
      told.put("port", listener.port());
      told.put("transfer", sent);
      told.put("code", jobs.archive());
      told.put("base_dir", worker.directory().toString());
      told.put("modules", modules());
      told.put(
          "scratch", own.scratch() != null || sent ? own.scratch() : jobs.work().toString());
      told.put(
          "paths",
          sent
              ? List.of()
              : List.of(worker.directory().toString(), context.directory().toString()));
      told.put(CREDENTIALS, context.credentials().variables());
      told.put("pool", pool.name());
      told.put("images", images(pool));
      told.put("result", result.toString());
      Files.write(file, ValueEncoding.encode(told, "the probe"));
      List<JobId> ids = JobContext.of(context).processes().submit(spec, 1);
      trial.job = ids.get(0);
      context.found(
          new Finding(pool.name(), "submission", Outcome.GOOD, "job " + trial.job, since(began)));
      trials.add(trial);
    } catch (MusterException e) {
      context.found(new Finding(
          pool.name(), "submission", Outcome.BAD, String.valueOf(e.getMessage()), since(began)));
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot write " + file, e);
    }
  }

  /** Returns the images in which tasks of a pool run. */
  private List<Map<String, @Nullable Object>> images(Pool pool) {
    return context.plan().stages().stream()
        .filter(stage -> stage.route().backend().equals(DaskBackend.NAME)
            && stage.route().pools().contains(pool))
        .map(stage -> stage.stage().environment().image())
        .filter(Objects::nonNull)
        .distinct()
        .map(image -> ContainerSpec.of(image, context.config(), context.pools())
            .json(context.credentials().variables().keySet()))
        .toList();
  }

  /** Returns the Python modules of the operations that run there. */
  private List<String> modules() {
    return context.plan().workflow().registry().operations().values().stream()
        .filter(impl -> impl.contains(":"))
        .map(impl -> impl.substring(0, impl.indexOf(':')))
        .distinct()
        .toList();
  }

  private void ask(List<Trial> open) {
    List<JobId> ids =
        open.stream().map(trial -> trial.job).filter(Objects::nonNull).toList();
    if (JobContext.of(context).processes().status(Set.copyOf(ids))
        instanceof StatusReport.Answered answered) {
      open.forEach(trial -> trial.status = answered.statuses().get(trial.job));
    }
  }

  /** Tells what is known of a trial, if it is over. */
  private boolean over(Trial trial) {
    Map<String, @Nullable Object> answer = listener.answer(trial.token);
    boolean ended = trial.status instanceof JobStatus.Ended;
    if (answer == null && (ended || late(trial))) {
      answer = ProbeSoftware.read(
          trial.result); // seen on a shared file system, whatever the network does
    }
    if (answer != null) {
      new ProbeFindings(context, config, trial.pool, here, answer).tell(trial.took());
      return true;
    }
    boolean never =
        trial.status instanceof JobStatus.Impossible || trial.status instanceof JobStatus.Held;
    if (!ended && !never && !late(trial)) {
      return false;
    }
    String tail = LogTail.named("stderr", trial.spec.errFile(String.valueOf(trial.job)));
    context.found(
        new Finding(trial.pool.name(), "start", Outcome.BAD, describe(trial) + tail, trial.took()));
    return true;
  }

  private boolean late(Trial trial) {
    return trial.took().compareTo(context.patience()) > 0;
  }

  private String describe(Trial trial) {
    String job = "job " + trial.job + " ";
    JobStatus status = trial.status;
    if (status instanceof JobStatus.Ended ended) {
      return job + ended.describe() + " and had told nothing";
    }
    if (status instanceof JobStatus.Impossible impossible) {
      return job + "can never start: " + impossible.reason();
    }
    if (status instanceof JobStatus.Held held) {
      return job + "is held: " + held.reason();
    }
    String waited = " after " + TimeUnit.MILLISECONDS.toSeconds(trial.took().toMillis()) + " s";
    if (status instanceof JobStatus.Pending pending) {
      return job + "still waits" + waited
          + (pending.reason() == null ? "" : ": " + pending.reason());
    }
    return job + "has told nothing" + waited
        + (status instanceof JobStatus.Running ? ", and runs" : "");
  }
}
