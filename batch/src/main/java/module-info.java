/**
 * Runs each task as a job of a batch system, tasks that are ready together as one array.
 */
module dev.muster.batch {
  requires transitive dev.muster.core;
  requires transitive org.jspecify;
  requires org.slf4j;

  exports dev.muster.batch.backend;

  provides dev.muster.spi.Backend with
      dev.muster.batch.backend.BatchBackend;
}
