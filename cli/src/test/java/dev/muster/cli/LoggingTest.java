package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

class LoggingTest {
  private final Logger log = LoggerFactory.getLogger("dev.muster.engine.Dispatcher");

  @AfterEach
  void restore() {
    Logging.verbosity(0);
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
  void saysDetailsOfOthersLast() {
    Logger other = LoggerFactory.getLogger("dev.mustermann.Other");
    Logging.verbosity(2);
    assertThat(other.isInfoEnabled()).isTrue();
    assertThat(other.isDebugEnabled()).isFalse();
    assertThat(log.isDebugEnabled()).isTrue();
    assertThat(log.isTraceEnabled()).isFalse();
    Logging.verbosity(3);
    assertThat(other.isDebugEnabled()).isTrue();
  }

  @Test
  void keepsToItsLineWhateverAMessageHas() {
    List<String> lines = new ArrayList<>();
    Runnable restore = Logging.to(lines::add);
    try {
      log.warn("{} of {}\nnext", "one", new String[] {"two", "\u001b[2J"}, new IOException("x"));
    } finally {
      restore.run();
    }
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0)).startsWith("WARN Dispatcher: one of [two, ");
    assertThat(lines.get(0))
        .contains("\n    next\njava.io.IOException: x\n")
        .doesNotContain("\u001b");
  }

  @Test
  void keepsWhatAThreadIsAbout() {
    MDC.put("muster.run", "r1");
    try {
      assertThat(MDC.get("muster.run")).isEqualTo("r1");
    } finally {
      MDC.clear();
    }
    assertThat(LoggerFactory.getILoggerFactory()).isInstanceOf(Logging.class);
  }
}
