/**
 * Packs a Pixi or Conda environment once and extracts it where workers run.
 */
module dev.muster.pixi {
  requires transitive dev.muster.batch;
  requires transitive dev.muster.core;
  requires transitive org.jspecify;
  requires org.slf4j;
  requires tools.jackson.databind;

  exports dev.muster.pixi;

  provides dev.muster.batch.spi.EnvironmentProvider with
      dev.muster.pixi.PackedPixiEnvironment;
}
