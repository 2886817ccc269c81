/**
 * The {@code muster} command.
 *
 * <p>{@code jdk.unsupported} has {@code sun.misc.Signal}: nothing else tells a second Ctrl-C from the first.
 */
module dev.muster.cli {
  requires dev.muster.batch;
  requires dev.muster.core;
  requires dev.muster.report;
  requires dev.muster.worker;
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

  provides org.slf4j.spi.SLF4JServiceProvider with
      dev.muster.cli.Logging;
}
