package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The test workflows of FAST-HEP, and the Python that has it: {@code MUSTER_FASTHEP_PYTHON}, else what
 * {@code scripts/fasthep-env.sh} makes in the cache ({@code MUSTER_CACHE}).
 */
final class FastHepSources {
  private static final Path TESTS =
      Path.of("../fasthep/src/test").toAbsolutePath().normalize();

  private FastHepSources() {}

  static String python() {
    String named = System.getenv("MUSTER_FASTHEP_PYTHON");
    String cache = Objects.requireNonNullElse(
        System.getenv("MUSTER_CACHE"), System.getProperty("user.home") + "/.cache/muster");
    String python = named != null ? named : cache + "/venvs/fasthep-2026.10.1/bin/python";
    assertThat(Path.of(python)).as("scripts/fasthep-env.sh makes it").isExecutable();
    return python;
  }

  /** Returns FAST-HEP's own command. */
  static String fasthep() {
    return Path.of(python()).resolveSibling("fasthep").toString();
  }

  /** Returns a script of the Python tests. */
  static String script(String name) {
    return TESTS.resolve("python").resolve(name).toString();
  }

  /** Copies the workflows, and what is beside them, into a folder. */
  static void copy(Path folder) throws IOException {
    Path workflows = TESTS.resolve("resources/workflows");
    try (Stream<Path> files = Files.walk(workflows)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = folder.resolve(workflows.relativize(file));
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
  }

  /** Runs a command that succeeds in a folder, in which it finds the user's modules; returns what it said. */
  static String run(Path folder, String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile());
    builder.environment().put("PYTHONPATH", folder.toString());
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    Process process = builder.start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES))
        .as(String.join(" ", command))
        .isTrue();
    String text = Files.readString(output);
    assertThat(process.exitValue())
        .as("%s%n%s", String.join(" ", command), text)
        .isZero();
    return text;
  }
}
