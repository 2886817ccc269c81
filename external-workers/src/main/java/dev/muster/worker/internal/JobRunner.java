package dev.muster.worker.internal;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.DialectStrategy;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.Strategy;
import dev.muster.error.MusterException;
import dev.muster.internal.process.CommandEnd;
import dev.muster.internal.process.LogTail;
import dev.muster.resource.Walltime;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs each call as a job of a strategy, whichever that is. The job sees the run directory. Thread-safe. */
final class JobRunner implements CallRunner {
  private static final Logger log = LoggerFactory.getLogger(JobRunner.class);

  /** Starts a worker where the job begins. Its words are data: files for what it prints, a folder, its input. */
  private static final String START =
      "exec >\"$1\" 2>\"$2\" <\"$4\" || exit 72; cd -- \"$3\" || exit 72; shift 4; exec \"$@\"";

  private static final String NOTHING = "/dev/null";
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** How long what a job wrote may come late over a network file system. */
  private static final Duration LATE = Duration.ofSeconds(10);

  /** How long the end of a job is waited for that was cancelled. */
  private static final Duration END = Duration.ofSeconds(30);

  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 250;

  private final String worker;
  private final Registry.Launcher launcher;
  private final WorkerOptions options;
  private final Strategy strategy;
  private final JobRequest request;
  private final JobSystems systems;

  /**
   * Makes one.
   *
   * @param worker the worker's name
   * @param systems what submits jobs
   */
  JobRunner(
      String worker,
      Registry.Launcher launcher,
      WorkerOptions options,
      Strategy strategy,
      JobRequest request,
      JobSystems systems) {
    this.worker = worker;
    this.launcher = launcher;
    this.options = options;
    this.strategy = strategy;
    this.request = request;
    this.systems = systems;
  }

  /** Returns how the launcher is started. */
  private static Kind kind(WorkerOptions options, Registry.Launcher launcher) {
    return options.launch() != null
        ? options.launch()
        : launcher.form() == Registry.Form.PYTHON ? Kind.UV : Kind.SHELL;
  }

  /**
   * Lets the strategy describe a job, which refuses what it has no words for.
   *
   * @param base some folder
   * @throws MusterException if an option or a quantity cannot be honoured
   */
  static void check(Strategy strategy, JobRequest request, String worker, Path base) {
    JobSpec job = request.job(worker, List.of("true"), base, base);
    log.trace("jobs of {}: {}", worker, strategy.preview(job, 1, "check", base).command());
  }

  @Override
  public void run(CallPlace place, CallEnvironment environment) throws Exception {
    Kind kind = kind(options, launcher);
    WorkerCommand command = WorkerCommand.of(kind, launcher, options, place, environment);
    Files.deleteIfExists(place.stdout());
    Files.deleteIfExists(place.stderr());
    JobSpec job = job(place, command);
    BatchSystem system;
    JobId id;
    try {
      system = systems.open(strategy, place.base(), request.config());
      id = system.submit(job, 1).get(0);
    } catch (MusterException e) {
      if (Thread.interrupted()) { // its message says so, too
        throw new InterruptedException(String.valueOf(e.getMessage()));
      }
      throw new TaskException(FailureKind.BACKEND, String.valueOf(e.getMessage()), e);
    }
    JobStatus.Ended ended = await(system, id);
    ended(place, command, job, id, ended, kind);
  }

  private JobSpec job(CallPlace place, WorkerCommand command) {
    Map<String, String> variables = new TreeMap<>(command.variables());
    request.environment().forEach(variables::putIfAbsent);
    List<String> env = new ArrayList<>();
    command.unset().forEach(name -> env.addAll(List.of("-u", name)));
    variables.forEach((name, value) -> {
      if (!VARIABLE.matcher(name).matches()) { // of a port such as a-b: no shell can set it
        env.add(name + "=" + value);
      }
    });
    List<String> words = new ArrayList<>(List.of("/bin/bash", "-c", START, "muster-worker"));
    words.add(command.stdout(place).toString());
    words.add(place.stderr().toString());
    words.add(cwd(command).toString());
    words.add(command.stdin() == null ? NOTHING : command.stdin().toString());
    if (!env.isEmpty()) {
      words.add("env");
      words.addAll(env);
    }
    if (request.ranks() != null) {
      words.addAll(List.of("mpiexec", "-n", String.valueOf(request.ranks())));
    }
    words.addAll(argv(place, command, variables));
    JobSpec.Builder job =
        request.job(worker, words, place.base(), JobSystems.logs(place.base())).toBuilder();
    variables.forEach((name, value) -> {
      if (VARIABLE.matcher(name).matches()) {
        job.variable(name, value);
      }
    });
    return job.build();
  }

  /** A command of the user's is run in the worker's folder, as Tierkreis has it. */
  private Path cwd(WorkerCommand command) {
    return request.command() == null ? command.cwd() : launcher.folder();
  }

  private List<String> argv(CallPlace place, WorkerCommand command, Map<String, String> variables) {
    List<String> argv = request.command() == null
        ? command.argv()
        : List.of("/bin/bash", "-c", request.command() + " \"$@\"", "worker", place.argument());
    JobContainer container = request.container();
    if (container == null) {
      return argv;
    }
    Set<Path> folders = new LinkedHashSet<>(List.of(place.base(), launcher.folder()));
    return container.around(argv, cwd(command), folders, variables);
  }

  private JobStatus.Ended await(BatchSystem system, JobId id) throws InterruptedException {
    long pause = FIRST_PAUSE_MILLIS;
    long heldSince = 0;
    try {
      while (true) {
        JobStatus status = status(system, id);
        String why = null;
        if (status instanceof JobStatus.Ended ended) {
          return ended;
        } else if (status instanceof JobStatus.Impossible impossible) {
          why = "can never start: " + impossible.reason();
        } else if (status instanceof JobStatus.Held held) {
          heldSince = heldSince == 0 ? System.nanoTime() : heldSince;
          if (System.nanoTime() - heldSince > request.heldTimeout().toNanos()) {
            why = "was held for " + Walltime.format(request.heldTimeout())
                + " (held_timeout), and was ended: " + held.reason();
          }
        } else {
          heldSince = 0;
        }
        if (why != null) {
          cancel(system, id);
          throw new TaskException(
              FailureKind.BACKEND, job(id) + " of the worker " + worker + " " + why, null);
        }
        TimeUnit.MILLISECONDS.sleep(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      cancel(system, id);
      throw e;
    }
  }

  private static @Nullable JobStatus status(BatchSystem system, JobId id) {
    StatusReport report = system.status(Set.of(id));
    if (report instanceof StatusReport.Answered answered) {
      return answered.statuses().get(id);
    }
    log.debug("job {} cannot be asked for, and is waited for: {}", id, report);
    return null;
  }

  /** Ends a job and waits until it is gone, so that it writes nothing any more when the next attempt begins. */
  private static void cancel(BatchSystem system, JobId id) {
    boolean interrupted = Thread.interrupted();
    system.cancel(Set.of(id));
    long end = System.nanoTime() + END.toNanos();
    while (!(status(system, id) instanceof JobStatus.Ended) && System.nanoTime() < end) {
      try {
        TimeUnit.MILLISECONDS.sleep(LONGEST_PAUSE_MILLIS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private String job(JobId id) {
    return "job " + id + " of " + strategy.name();
  }

  private void ended(
      CallPlace place,
      WorkerCommand command,
      JobSpec job,
      JobId id,
      JobStatus.Ended ended,
      Kind kind)
      throws IOException, InterruptedException {
    boolean byItself =
        ended.end() == JobStatus.End.SUCCEEDED || ended.end() == JobStatus.End.FAILED;
    place.look();
    if (byItself && strategy instanceof DialectStrategy) {
      late(place, command, ended);
    }
    String name = "the worker " + worker + "." + place.call().functionName();
    if (ended.end() == JobStatus.End.LOST
        && (Files.exists(place.done()) || Files.exists(place.error()))) {
      Judge.judge(place, name, null, false); // the worker itself can say it
      return;
    }
    if (!byItself || !Files.exists(place.stderr())) {
      boolean begun = Files.exists(place.stderr());
      TaskException lost = new TaskException(
          failure(ended, begun),
          name + " was " + job(id) + ", which " + ended.describe()
              + (begun ? "" : " before the worker began") + "\nin " + place.node()
              + Judge.tail(place) + LogTail.section("job", job.errFile(id.id())),
          ended.ownExitCode(),
          null);
      Judge.flag(place, String.valueOf(lost.getMessage()).lines().findFirst().orElse("lost"));
      throw lost;
    }
    int code = ended.exitCode() == null
        ? ended.end() == JobStatus.End.SUCCEEDED ? 0 : 1
        : ended.exitCode();
    Path stdout = command.stdout(place);
    Path output = command.output();
    if (output != null) {
      Files.move(
          stdout,
          code == 0 ? output : place.stdout(),
          code == 0 ? StandardCopyOption.ATOMIC_MOVE : StandardCopyOption.REPLACE_EXISTING);
    }
    add(place.stdout(), request.output());
    add(place.stderr(), request.errors());
    CommandEnd end = new CommandEnd(code, null, null, 0, 0, null);
    Judge.judge(place, name, end, kind != Kind.UV || options.exitStatus());
    removeEmpty(place.stdout());
    removeEmpty(place.stderr());
  }

  /** Waits for what a worker that has ended well must have written. */
  private static void late(CallPlace place, WorkerCommand command, JobStatus.Ended ended)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + LATE.toNanos();
    while (System.nanoTime() < end) {
      boolean whole = ended.end() == JobStatus.End.FAILED || complete(place, command);
      if ((Files.exists(place.stderr()) && whole) || Files.exists(place.error())) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(LONGEST_PAUSE_MILLIS);
      place.look();
    }
  }

  private static boolean complete(CallPlace place, WorkerCommand command) {
    Map<String, Path> missing = place.missing();
    if (command.output() != null && Files.exists(command.stdout(place))) {
      missing.values().remove(command.output());
    }
    return missing.isEmpty();
  }

  private static FailureKind failure(JobStatus.Ended ended, boolean begun) {
    return switch (ended.end()) {
      case OUT_OF_MEMORY -> FailureKind.OUT_OF_MEMORY;
      case WALLTIME -> FailureKind.WALLTIME;
      case PREEMPTED -> FailureKind.PREEMPTED;
      case FAILED -> begun ? FailureKind.WORKER_LOST : FailureKind.ENVIRONMENT;
      case SUCCEEDED, CANCELLED, NODE_LOST, LOST -> FailureKind.WORKER_LOST;
    };
  }

  private static void add(Path from, @Nullable Path to) throws IOException {
    if (to == null || !Files.exists(from) || Files.size(from) == 0) {
      return;
    }
    try (InputStream in = Files.newInputStream(from);
        OutputStream out =
            Files.newOutputStream(to, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      in.transferTo(out);
    }
  }

  private static void removeEmpty(Path file) throws IOException {
    if (Files.exists(file) && Files.size(file) == 0) {
      Files.delete(file);
    }
  }
}
