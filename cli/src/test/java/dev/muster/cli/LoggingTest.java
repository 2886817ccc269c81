package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingTest {
  private final Logger log = LoggerFactory.getLogger("dev.muster.engine.Dispatcher");

  @AfterEach
  void restore() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger("dev.muster").setLevel(null);
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
  }

  private List<String> logged() {
    List<String> lines = new ArrayList<>();
    Runnable restore = Logging.to(lines::add);
    try {
      log.warn("slow {}", 1);
      log.info("news");
      log.debug("detail");
    } finally {
      restore.run();
    }
    return lines;
  }

  @Test
  void saysOnlyWarningsAtFirst() {
    assertThat(logged()).containsExactly("WARN Dispatcher: slow 1");
  }

  @Test
  void saysMoreWhenAsked() {
    Logging.verbosity(1);
    assertThat(logged()).hasSize(2);
    Logging.verbosity(2);
    assertThat(logged())
        .containsExactly(
            "WARN Dispatcher: slow 1", "INFO Dispatcher: news", "DEBUG Dispatcher: detail");
  }

  @Test
  void showsExceptions() {
    List<String> lines = new ArrayList<>();
    Runnable restore = Logging.to(lines::add);
    try {
      log.error("lost", new IllegalStateException("why"));
    } finally {
      restore.run();
    }
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .startsWith("ERROR Dispatcher: lost\njava.lang.IllegalStateException: why\n\tat ");
  }

  @Test
  void isTheOnlyConfiguration() {
    assertThat(new Logging().configure(new LoggerContext()))
        .isEqualTo(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
  }
}
