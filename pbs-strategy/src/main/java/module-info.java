/**
 * Starts processes as jobs of PBS and of its kin, in their own words.
 */
module dev.muster.pbs {
  requires transitive dev.muster.batch;
  requires transitive dev.muster.core;
  requires transitive org.jspecify;

  exports dev.muster.pbs;

  provides dev.muster.batch.spi.Strategy with
      dev.muster.pbs.PbsStrategy,
      dev.muster.pbs.PjmStrategy;
}
