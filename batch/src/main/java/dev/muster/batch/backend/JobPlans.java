package dev.muster.batch.backend;

import dev.muster.batch.internal.usercode.SentSetup;
import dev.muster.batch.internal.usercode.UserCode;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.code.ShellWords;
import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.resource.Quantities;
import dev.muster.spi.WorkerContext;
import dev.muster.spi.WorkerCredentials;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Describes jobs: what they start with, and what starts in them. Immutable and thread-safe.
 *
 * @param work the session's folder
 * @param code folders with the user's code, where jobs see them
 * @param origins where the folders of the user's code came from, by their names in a job; null for those that no file
 *     of this host stands for
 * @param sent what jobs are sent, if they see nothing of this host; else null
 */
record JobPlans(
    WorkerContext context,
    Path work,
    List<Path> code,
    Map<String, @Nullable String> origins,
    @Nullable SentCode sent) {
  // Muster's own modules come by an argument, and the folder in which it starts is not on the
  // module path: a file there may
  // have the name of one of Python's own modules.
  private static final String START =
      "import sys; sys.path[0] = sys.argv.pop(1); import muster_start";
  private static final String PYTHON = "python3";
  private static final List<String> THREADS =
      List.of("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS");

  /**
   * Describes those of a session.
   *
   * @param unpack whether wheels are unpacked; else it is only told where they would be
   */
  static JobPlans of(WorkerContext context, Path work, boolean unpack) {
    UserCode code = UserCode.of(context);
    if (BatchBackend.sent(context)) {
      return new JobPlans(
          context, work, List.of(), code.origins(), new SentCode(context, work, code));
    }
    if (unpack) {
      code.unpack(work);
    }
    return new JobPlans(context, work, code.folders(work), code.unpacked(work), null);
  }

  /** Returns the module that carries out tasks. */
  static String runner(WorkerContext context) {
    return BatchBackend.sent(context) ? "muster_batch.away" : "muster_batch.runner";
  }

  /** Returns the folders for Python's module path; where files are sent, as they are in the job's folder. */
  List<String> path() {
    return sent == null ? code.stream().map(Path::toString).toList() : sent.path();
  }

  /** Returns the folder with the Python modules that jobs import. */
  Path modules() {
    return work.resolve("python");
  }

  /**
   * Returns the interpreter of a pool's jobs.
   *
   * @throws MusterException if the pool names one, and the environment brings its own
   */
  private String python(Pool pool, PoolOptions options) {
    String python = JobContext.of(context).environment().python();
    if (python == null) {
      return options.python() == null ? PYTHON : options.python();
    }
    Object own = pool.config().get("python");
    if (own != null) {
      WorkerEnvironment environment = context.plan().execution().execution().environment();
      throw new MusterException("pool " + pool.name() + ": config.python is " + own
          + ", but the workers' environment "
          + (environment == null ? "" : "'" + environment.type() + "' ")
          + "brings its own interpreter (" + python + "); remove one of the two");
    }
    return python;
  }

  /**
   * Returns a job.
   *
   * @param quantities what it needs
   * @param module the module of Muster's that runs in it
   * @param folder the folder of the submission, which is the module's argument where the job sees it
   */
  JobSpec job(Pool pool, Quantities quantities, String module, Path folder) {
    PoolOptions options = PoolOptions.of(context, pool);
    PreparedEnvironment environment = JobContext.of(context).environment();
    WorkerCredentials credentials = context.credentials();
    JobSpec.Builder job = JobSpec.builder(
            pool.name(),
            List.of(
                python(pool, options),
                "-c",
                START,
                sent == null ? modules().toString() : SentCode.MODULES,
                module,
                sent == null ? folder.toString() : ""),
            context.plan().workflow().baseDirectory().toAbsolutePath().normalize())
        .logs(options.logs())
        .quantities(quantities)
        .files(sent == null ? environment.files() : sent.files())
        .staging(sent == null ? Staging.SHARED : Staging.TRANSFER)
        .parcels(sent == null ? null : folder)
        .unless(environment.unless())
        .setup(setup(options, environment, credentials));
    job.variable("PYTHONUTF8", "1"); // whatever the locale of the node
    environment.variables().forEach(job::variable);
    if (sent == null) {
      credentials.variables().forEach(job::variable);
      job.variable("PYTHONPATH", path(environment));
    }
    String threads = Integer.toString(quantities.cpus() == null ? 1 : quantities.cpus());
    for (String variable : THREADS) {
      if (System.getenv(variable) == null) {
        job.variable(variable, threads);
      }
    }
    options.job().forEach(job::config);
    return job.build();
  }

  /** Folders whose name has a colon cannot be on it; jobs put them on their module path themselves. */
  private String path(PreparedEnvironment environment) {
    String more = environment.variables().get("PYTHONPATH");
    return Stream.concat(Stream.of(modules()), code.stream())
        .map(Path::toString)
        .filter(folder -> !folder.contains(File.pathSeparator))
        .collect(Collectors.collectingAndThen(Collectors.toList(), folders -> {
          List<String> all = new ArrayList<>(folders);
          if (more != null && !more.isEmpty()) {
            all.add(more);
          }
          return String.join(File.pathSeparator, all);
        }));
  }

  /** Returns the lines before the task: first what the site has, then its software. */
  private List<String> setup(
      PoolOptions options, PreparedEnvironment environment, WorkerCredentials credentials) {
    List<String> lines = new ArrayList<>();
    if (!options.modules().isEmpty()) {
      lines.add(JobScript.modules(options.modules()));
    }
    for (String variable : credentials.unset()) {
      lines.add("unset " + ShellWords.quote(variable));
    }
    lines.addAll(environment.setup());
    if (sent != null) {
      lines.addAll(SentSetup.lines(environment, credentials, SentCode.MODULES));
    }
    return lines;
  }
}
