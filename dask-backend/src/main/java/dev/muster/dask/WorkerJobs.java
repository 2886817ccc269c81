package dev.muster.dask;

import dev.muster.batch.JobSpec;
import dev.muster.batch.ShellWords;
import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.spi.PreparedEnvironment;
import dev.muster.spi.WorkerContext;
import dev.muster.spi.WorkerCredentials;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Describes the workers of pools as jobs. Immutable and thread-safe.
 *
 * @param work the session's folder
 */
record WorkerJobs(WorkerContext context, Path work) {
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
    String python = context.environment().python();
    if (python == null) {
      return PoolConfig.of(context, pool).python();
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
    PreparedEnvironment environment = context.environment();
    WorkerCredentials credentials = context.credentials();
    List<String> command = new ArrayList<>(
        List.of(python(pool), "-m", "muster_dask.worker", file(number).toString()));
    command.addAll(config.workerArgs());
    JobSpec.Builder job = JobSpec.builder(
            pool.name(),
            command,
            context.plan().workflow().baseDirectory().toAbsolutePath().normalize())
        .logs(config.logs())
        .quantities(pool.quantities())
        .files(environment.files())
        .setup(setup(environment, credentials));
    environment.variables().forEach(job::variable);
    credentials.variables().forEach(job::variable);
    job.variable(
            "PYTHONPATH", BridgeProcess.path(modules(), environment.variables().get("PYTHONPATH")))
        .variable("MUSTER_WORKER_FIRST", Integer.toString(first));
    for (String variable : List.of("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")) {
      if (System.getenv(variable) == null) {
        job.variable(variable, threads);
      }
    }
    config.job().forEach(job::config);
    return job.build();
  }

  private static List<String> setup(
      PreparedEnvironment environment, WorkerCredentials credentials) {
    List<String> lines = new ArrayList<>();
    for (String variable : credentials.unset()) {
      lines.add("unset " + ShellWords.quote(variable));
    }
    lines.addAll(environment.setup());
    return lines;
  }
}
