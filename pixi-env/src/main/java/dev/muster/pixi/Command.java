package dev.muster.pixi;

import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Runs a program of this host to its end. Thread-safe. */
final class Command {
  private static final int MINUTES = 60;
  private static final int MOST_LINES = 15;

  private Command() {}

  /**
   * Runs a program.
   *
   * @param what what it does, for messages
   * @param environment variables set in addition; an empty text takes one away
   * @param log receives what it says; made or replaced
   * @throws MusterException if it cannot be started or fails, with the end of what it said
   */
  static void run(
      String what, List<String> argv, Map<String, String> environment, Path directory, Path log) {
    ProcessBuilder builder = new ProcessBuilder(argv);
    environment.forEach((key, value) -> {
      if (value.isEmpty()) {
        builder.environment().remove(key);
      } else {
        builder.environment().put(key, value);
      }
    });
    try {
      OwnFiles.folder(
          Objects.requireNonNull(log.toAbsolutePath().getParent(), "folder of the log"));
      OwnFiles.file(log);
      Process process = builder
          .directory(directory.toFile())
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .start();
      try {
        process.getOutputStream().close();
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
          throw new MusterException(
              what + " did not end within " + MINUTES + " min: " + argv + tail(log));
        }
      } finally {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
      }
      if (process.exitValue() != 0) {
        throw new MusterException(what + " failed with exit code " + process.exitValue()
            + lastLine(log) + " (" + String.join(" ", argv) + ")" + tail(log));
      }
    } catch (IOException e) {
      throw new MusterException(
          what + " cannot be started: " + String.join(" ", argv) + ": " + IoErrors.describe(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MusterException("interrupted: " + what, e);
    }
  }

  /** Returns what was said last, which mostly is the reason. */
  private static String lastLine(Path log) throws IOException {
    List<String> lines = lines(log);
    return lines.isEmpty() ? "" : ": " + lines.get(lines.size() - 1).strip();
  }

  private static List<String> lines(Path log) throws IOException {
    return Files.readString(log, StandardCharsets.ISO_8859_1)
        .stripTrailing()
        .lines()
        .toList();
  }

  private static String tail(Path log) {
    try {
      List<String> lines = lines(log);
      return lines.isEmpty()
          ? ""
          : "; the end of " + log + ":\n"
              + String.join(
                  "\n", lines.subList(Math.max(0, lines.size() - MOST_LINES), lines.size()));
    } catch (IOException e) {
      return " (" + log + " cannot be read: " + IoErrors.describe(e) + ")";
    }
  }
}
