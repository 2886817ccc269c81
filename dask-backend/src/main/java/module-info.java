/**
 * Runs tasks on Dask workers, with Dask's own scheduler and client in a bridge process.
 */
module dev.muster.dask {
  requires transitive dev.muster.batch;
  requires transitive dev.muster.core;
  requires transitive org.jspecify;
  requires org.slf4j;

  exports dev.muster.dask;

  provides dev.muster.spi.Backend with
      dev.muster.dask.DaskBackend;
}
