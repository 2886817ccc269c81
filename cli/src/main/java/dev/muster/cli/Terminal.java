package dev.muster.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the terminal can do, as far as the environment tells.
 *
 * @param out whether standard output is one
 * @param err whether standard error is one
 * @param environment the environment variables
 */
record Terminal(boolean out, boolean err, Map<String, String> environment) {
  private static final int DEFAULT_COLUMNS = 80;
  private static final int DEFAULT_ROWS = 24;
  private static final Path DEVICE = Path.of("/dev/tty");

  /** The size of a terminal in characters. */
  record Size(int columns, int rows) {}

  Terminal {
    environment = Map.copyOf(environment);
  }

  /**
   * Returns this process's terminal. The start script says in system properties which streams are terminals; without it
   * none is, as Java cannot tell them apart.
   */
  static Terminal ofThisProcess() {
    return new Terminal(isTerminal("muster.out"), isTerminal("muster.err"), System.getenv());
  }

  private static boolean isTerminal(String property) {
    return "terminal".equals(System.getProperty(property));
  }

  /** Tells whether a region of it can be drawn again and again. */
  boolean live() {
    return err && !"dumb".equals(environment.get("TERM"));
  }

  /** Returns the style for a stream. */
  Style style(boolean isTerminal, ColorMode mode) {
    return new Style(colored(isTerminal, mode), unicode());
  }

  private boolean colored(boolean isTerminal, ColorMode mode) {
    return switch (mode) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO ->
        isTerminal
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(environment.get("TERM"));
    };
  }

  private boolean unicode() {
    for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
      String locale = environment.getOrDefault(name, "");
      if (!locale.isEmpty()) {
        String upper = locale.toUpperCase(Locale.ROOT);
        return upper.contains("UTF-8") || upper.contains("UTF8");
      }
    }
    return false;
  }

  /**
   * Asks for its size: {@code COLUMNS} and {@code LINES}, else what {@code stty} says, else 80 x 24. May start a
   * process.
   */
  Size size() {
    int columns = number(environment.get("COLUMNS"));
    int rows = number(environment.get("LINES"));
    if ((columns == 0 || rows == 0) && err) {
      String[] answer = stty();
      rows = rows == 0 && answer.length == 2 ? number(answer[0]) : rows;
      columns = columns == 0 && answer.length == 2 ? number(answer[1]) : columns;
    }
    return new Size(columns == 0 ? DEFAULT_COLUMNS : columns, rows == 0 ? DEFAULT_ROWS : rows);
  }

  private static int number(@Nullable String text) {
    return text != null && text.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(text) : 0;
  }

  private static String[] stty() {
    if (!Files.isReadable(DEVICE)) {
      return new String[0];
    }
    try {
      Process stty = new ProcessBuilder("stty", "size")
          .redirectInput(new File(DEVICE.toString()))
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
      try {
        if (!stty.waitFor(1, TimeUnit.SECONDS)) {
          return new String[0];
        }
        byte[] answer = stty.getInputStream().readAllBytes();
        return new String(answer, StandardCharsets.US_ASCII).strip().split(" ");
      } finally {
        stty.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new String[0];
    } catch (IOException e) {
      // Without stty the size is not known: the defaults stand.
      return new String[0];
    }
  }
}
