package dev.muster.dask;

import dev.muster.batch.internal.usercode.SentSetup;
import dev.muster.batch.internal.usercode.UserCode;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.code.ShellWords;
import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.spi.WorkerContext;
import dev.muster.spi.WorkerCredentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Describes the workers of pools as jobs. Where files are sent, a job has all that its worker needs: what the bridge
 * says, Muster's Python modules, the user's code, the environment's files and copies of credentials. Immutable and
 * thread-safe.
 *
 * @param work the session's folder
 * @param code the user's code
 */
record WorkerJobs(WorkerContext context, Path work, UserCode code) {
  private static final String MODULES = "muster_python.zip";
  private static final String CODE = "muster_code.zip";

  WorkerJobs(WorkerContext context, Path work) {
    this(context, work, UserCode.of(context));
  }

  /** Tells whether files are sent to workers, which see nothing of this host. */
  boolean sent() {
    return context.plan().execution().execution().staging() == Staging.TRANSFER;
  }

  /** Writes what all workers of the session need. */
  void write() {
    PythonFiles.extract(modules());
    if (!sent()) {
      code.unpack(work);
      return;
    }
    PythonFiles.archive(modules(), work.resolve(MODULES));
    if (!code.isEmpty()) {
      code.write(work.resolve(CODE));
    }
  }

  /** Returns what a worker is told of the user's code that was sent to it. */
  Map<String, @Nullable Object> archive() {
    Map<String, @Nullable Object> told = new LinkedHashMap<>();
    told.put("archive", code.isEmpty() ? null : CODE);
    told.put("executable", code.executables());
    told.put("path", code.sentFolders());
    return told;
  }

  /** Returns the paths of the credentials' copies here, by the names of those that are sent. */
  Map<String, String> credentials() {
    return sent() ? SentSetup.credentials(context.credentials()) : Map.of();
  }

  /** Returns the folder with the Python modules that workers import. */
  Path modules() {
    return work.resolve("python");
  }

  /** Returns the file that tells the workers of the n-th pool what they need to know; the bridge writes it. */
  Path file(int number) {
    return work.resolve("worker-" + number + ".json");
  }

  /**
   * Returns the interpreter of a pool's workers.
   *
   * @throws MusterException if the pool names one, and the environment brings its own
   */
  String python(Pool pool) {
    String python = JobContext.of(context).environment().python();
    if (python == null) {
      String named = PoolConfig.of(context, pool).python();
      return named != null
          ? named
          : Interpreters.here().command(DaskConfig.of(context.config()).ownTls());
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
   * Returns a worker as a job.
   *
   * @param number the pool's number in the session
   * @param first the number of the worker that is the first copy; they are named after it
   */
  JobSpec job(Pool pool, int number, int first) {
    PoolConfig config = PoolConfig.of(context, pool);
    Integer cpus = pool.quantities().cpus();
    String threads =
        Integer.toString(Math.max(1, (cpus == null ? 1 : cpus) / pool.slotsOrDefault()));
    PreparedEnvironment environment = JobContext.of(context).environment();
    WorkerCredentials credentials = context.credentials();
    Path file = file(number);
    List<String> command = command(pool, "muster_dask.worker", file);
    command.addAll(config.workerArgs());
    JobSpec.Builder job = JobSpec.builder(
            pool.name(),
            command,
            context.plan().workflow().baseDirectory().toAbsolutePath().normalize())
        .logs(config.logs())
        .quantities(pool.quantities())
        .files(sent() ? files(file) : environment.files())
        .unless(environment.unless())
        .staging(sent() ? Staging.TRANSFER : Staging.SHARED)
        .setup(setup(environment, credentials));
    job.variable("PYTHONUTF8", "1"); // whatever the locale of the node
    environment.variables().forEach(job::variable);
    credentials.variables().forEach(job::variable);
    if (!sent()) {
      job.variable("PYTHONPATH", path(environment));
    }
    job.variable("MUSTER_WORKER_FIRST", Integer.toString(first));
    for (String variable : List.of("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")) {
      if (System.getenv(variable) == null) {
        job.variable(variable, threads);
      }
    }
    config.job().forEach(job::config);
    return job.build();
  }

  /** Returns the words that start a module of Muster's with the file that tells it what to do. */
  List<String> command(Pool pool, String module, Path file) {
    // Where files are sent, the module path is that of the folder to which they come.
    Path modules = sent() ? Path.of(MODULES) : modules();
    List<String> command = new ArrayList<>(PythonCommand.of(python(pool), modules, module));
    command.add(sent() ? String.valueOf(file.getFileName()) : file.toString());
    return command;
  }

  private String path(PreparedEnvironment environment) {
    String path = environment.variables().get("PYTHONPATH");
    List<Path> folders = new ArrayList<>(List.of(modules()));
    folders.addAll(code.folders(work));
    return PythonCommand.path(folders, path);
  }

  /** Returns what is sent with the workers of a pool. */
  List<Path> files(Path file) {
    List<Path> files = new ArrayList<>(JobContext.of(context).environment().files());
    files.add(work.resolve(MODULES));
    if (!code.isEmpty()) {
      files.add(work.resolve(CODE));
    }
    files.add(file);
    credentials().values().forEach(path -> files.add(Path.of(path)));
    return files;
  }

  /** Returns what is sent with a worker, for people: by name, in bytes, -1 where that is made later. */
  Map<String, Long> described(JobSpec job) {
    Map<String, Long> described = new LinkedHashMap<>();
    if (!sent()) {
      return described;
    }
    for (Path path : job.files()) {
      String name = String.valueOf(path.getFileName());
      if (!name.equals(CODE)) {
        described.put(name, Files.isRegularFile(path) ? path.toFile().length() : -1L);
        continue;
      }
      code.sizes().forEach((what, bytes) -> described.put("code: " + what, bytes));
    }
    return described;
  }

  /** Returns the lines before the worker: first its software, then its credentials. */
  private List<String> setup(PreparedEnvironment environment, WorkerCredentials credentials) {
    List<String> lines = new ArrayList<>();
    for (String variable : credentials.unset()) {
      lines.add("unset " + ShellWords.quote(variable));
    }
    lines.addAll(environment.setup());
    if (!sent()) {
      return lines;
    }
    lines.addAll(SentSetup.lines(environment, credentials, MODULES));
    return lines;
  }
}
