package dev.muster.cli.site;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The podman of scripts/sites/podman-here.sh: a real one, with storage of its own.
 *
 * @param folder where it keeps everything
 */
record Podman(Path folder) {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Makes one in a folder. */
  static Podman in(Path folder) throws IOException, InterruptedException {
    Commands.lines(
        List.of(PROJECT.resolve("scripts/sites/podman-here.sh").toString(), folder.toString()));
    return new Podman(folder);
  }

  /** Returns the folder with the example workflows. */
  static Path examples() {
    return PROJECT.resolve("examples/workflows");
  }

  /** Returns the program. */
  String program() {
    return folder.resolve("podman").toString();
  }

  /** Makes an image in an archive. All have the same name, and tell their title apart. */
  static void image(Path archive, String title) throws IOException, InterruptedException {
    Commands.lines(List.of(
        "sh", examples().resolve("busybox-image.sh").toString(), archive.toString(), title));
  }

  /** Returns the names of all containers, also of those that do not run. */
  List<String> containers() throws IOException, InterruptedException {
    return Commands.lines(List.of(program(), "ps", "--all", "--format", "{{.Names}}"));
  }

  /** Waits until there is none, and nobody who would call the program once more. */
  void awaitNone() {
    await().atMost(LIMIT).until(() -> containers().isEmpty() && !called());
  }

  private boolean called() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      return all.map(process -> process.resolve("cmdline"))
          .filter(Files::isReadable)
          .anyMatch(this::namesIt);
    }
  }

  private boolean namesIt(Path commandLine) {
    try {
      String line = Files.readString(commandLine, StandardCharsets.ISO_8859_1);
      return line.contains("muster-container\0" + program());
    } catch (IOException e) {
      return false; // it has ended
    }
  }
}
