/** Runnable examples: a physics analysis, and plugins to copy from. */
module dev.muster.examples {
  requires transitive dev.muster.batch;
  requires transitive dev.muster.core;
  requires dev.muster.worker;
  requires com.google.common;
  requires java.desktop;
  requires org.jspecify;

  exports dev.muster.examples;

  provides dev.muster.spi.Backend with
      dev.muster.examples.plugin.ForkJoinBackend,
      dev.muster.examples.plugin.ShellJobsBackend;
  provides dev.muster.batch.spi.EnvironmentProvider with
      dev.muster.examples.plugin.ModulesEnvironment;
  provides dev.muster.spi.ModifierProvider with
      dev.muster.examples.plugin.ExpectOutput;
  provides dev.muster.spi.OperationProvider with
      dev.muster.examples.dimuon.DimuonOperations;
  provides dev.muster.batch.spi.Strategy with
      dev.muster.examples.plugin.NiceStrategy,
      dev.muster.examples.plugin.SpoolStrategy;
  provides dev.muster.worker.WorkerFunctions with
      dev.muster.examples.plugin.StatisticsWorker;
}
