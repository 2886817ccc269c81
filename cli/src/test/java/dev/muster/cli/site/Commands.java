package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs commands of a site. */
final class Commands {
  private static final int SECONDS = 60;

  private Commands() {}

  /** Returns the lines of a command that succeeds. */
  static List<String> lines(List<String> command) throws IOException, InterruptedException {
    return lines(Map.of(), command);
  }

  /**
   * Returns the lines of a command that succeeds, with more environment variables, on whose {@code PATH} it is found.
   */
  static List<String> lines(Map<String, String> variables, List<String> command)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("env"));
    words.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(variables);
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
        .as("%s ends", command)
        .isTrue();
    assertThat(process.exitValue()).as("%s says %s", command, text).isZero();
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  /** Installs a package of Debian's, unless what it brings is there. */
  static void installed(Path file, String debian) throws IOException, InterruptedException {
    if (!Files.exists(file)) {
      lines(List.of(
          "bash",
          Path.of("..", "scripts", "sites", "apt.sh").toString(),
          "install",
          "-qq",
          "-y",
          "--no-install-recommends",
          debian));
    }
  }

  /** Returns an environment variable that a script of a site sets; the caller has that site for itself. */
  static String variable(String name, String script) {
    Exclusive.Lock.require(script);
    return setting(name, script);
  }

  /** Returns an environment variable that a script of a site sets, and that is of use without the site. */
  static String setting(String name, String script) {
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) {
      throw new AssertionError(
          name + " is not set: run eval \"$(scripts/sites/" + script + ")\" before the tests");
    }
    return value;
  }
}
