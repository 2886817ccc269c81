/**
 * Starts workers as jobs: the SPIs of batch systems, workers' environments and credentials, the engine that drives
 * them, and a backend that runs each task as a job.
 */
@SuppressWarnings("module") // dev.muster.dask is built after this one
module dev.muster.batch {
  requires transitive dev.muster.core;
  requires transitive org.jspecify;
  requires com.google.common;
  requires static com.google.errorprone.annotations;
  requires org.slf4j;
  requires tools.jackson.core;
  requires tools.jackson.databind;

  exports dev.muster.batch;
  exports dev.muster.batch.backend;
  exports dev.muster.batch.internal.usercode to
      dev.muster.dask;
  exports dev.muster.batch.spi;

  uses dev.muster.batch.spi.CredentialProvider;
  uses dev.muster.batch.spi.EnvironmentProvider;
  uses dev.muster.batch.spi.Strategy;

  provides dev.muster.spi.Backend with
      dev.muster.batch.backend.BatchBackend;
  provides dev.muster.spi.Infrastructure with
      dev.muster.batch.internal.site.JobInfrastructure;
}
