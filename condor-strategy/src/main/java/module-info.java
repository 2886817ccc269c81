/**
 * Starts processes as jobs of HTCondor, in its own words.
 */
module dev.muster.condor {
  requires transitive dev.muster.batch;
  requires transitive dev.muster.core;
  requires transitive org.jspecify;
  requires tools.jackson.core;

  exports dev.muster.condor;

  provides dev.muster.batch.spi.Strategy with
      dev.muster.condor.CondorStrategy;
}
