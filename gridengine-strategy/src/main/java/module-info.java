/**
 * Starts processes as jobs of Grid Engine, in its own words.
 */
module dev.muster.gridengine {
  requires transitive dev.muster.batch;
  requires transitive dev.muster.core;
  requires transitive org.jspecify;

  exports dev.muster.gridengine;

  provides dev.muster.batch.spi.Strategy with
      dev.muster.gridengine.GridEngineStrategy;
}
