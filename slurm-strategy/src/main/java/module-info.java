/**
 * Starts processes as jobs of Slurm, in its own words.
 */
module dev.muster.slurm {
  requires transitive dev.muster.batch;
  requires transitive dev.muster.core;
  requires transitive org.jspecify;

  exports dev.muster.slurm;

  provides dev.muster.batch.spi.Strategy with
      dev.muster.slurm.SlurmStrategy;
}
