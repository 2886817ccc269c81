/**
 * Runs workers of any language that keep to the executor contract: calls, folders and flags.
 */
module dev.muster.worker {
  requires dev.muster.batch;
  requires transitive dev.muster.core;
  requires transitive org.jspecify;
  requires org.slf4j;

  exports dev.muster.worker;

  provides dev.muster.spi.WorkerProvider with
      dev.muster.worker.internal.MusterWorkers;

  uses dev.muster.worker.Executor;
  uses dev.muster.worker.WorkerFunctions;
}
