/**
 * The {@code muster} command.
 *
 * <p>{@code jdk.unsupported} has {@code sun.misc.Signal}: nothing else tells a second Ctrl-C from the first.
 */
module dev.muster.cli {
  requires dev.muster.batch;
  requires dev.muster.core;
  requires dev.muster.worker;
  requires ch.qos.logback.classic;
  requires ch.qos.logback.core;
  requires info.picocli;
  requires java.management;
  requires jdk.unsupported;
  requires org.jspecify;
  requires org.slf4j;
  requires org.snakeyaml.engine;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires tools.jackson.dataformat.yaml;

  opens dev.muster.cli to
      info.picocli;

  provides ch.qos.logback.classic.spi.Configurator with
      dev.muster.cli.Logging;
}
