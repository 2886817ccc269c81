package dev.muster.cli.site;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A container runtime that a script of scripts/sites has made: a real one, with storage of its own. Which one says the
 * environment variable MUSTER_CONTAINERS, podman by default.
 *
 * @param runtime podman, docker or apptainer
 * @param folder where it keeps everything
 */
record Containers(String runtime, Path folder) {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Makes one in a folder. */
  static Containers in(Path folder) throws IOException, InterruptedException {
    Containers made = new Containers(
        Objects.requireNonNullElse(System.getenv("MUSTER_CONTAINERS"), "podman"), folder);
    Commands.lines(List.of(made.script(), folder.toString()));
    return made;
  }

  private String script() {
    return PROJECT.resolve("scripts/sites/" + runtime + "-here.sh").toString();
  }

  /** Ends what it has started. */
  void end() throws IOException, InterruptedException {
    Commands.lines(List.of(script(), "--down", folder.toString()));
  }

  /** Returns the folder with the example workflows. */
  static Path examples() {
    return PROJECT.resolve("examples/workflows");
  }

  /** Returns the program. */
  String program() {
    return folder.resolve(runtime).toString();
  }

  /** Makes an image in an archive. All have the same name, and tell their title apart. */
  static void image(Path archive, String title) throws IOException, InterruptedException {
    Commands.lines(List.of(
        "sh", examples().resolve("busybox-image.sh").toString(), archive.toString(), title));
  }

  /** Tells whether containers are processes among others, and not kept by the runtime. */
  boolean plain() {
    return runtime.equals("apptainer");
  }

  /** Returns the option that lets containers see a folder of this machine elsewhere. */
  List<String> mount(Path from, String to) {
    return List.of(plain() ? "--bind" : "--volume", from + ":" + to + ":ro");
  }

  /** Returns how the runtime's own complaints begin, or what is in them. */
  String complaint() {
    return switch (runtime) {
      case "docker" -> "docker";
      case "apptainer" -> "FATAL: ";
      default -> "Error: ";
    };
  }

  /** Returns the names of all containers, also of those that do not run. */
  List<String> containers() throws IOException, InterruptedException {
    return plain()
        ? List.of()
        : Commands.lines(List.of(program(), "ps", "--all", "--format", "{{.Names}}"));
  }

  /** Waits until there is none, and nobody who would call the program once more. */
  void awaitNone() {
    await().atMost(LIMIT).until(() -> containers().isEmpty() && !called());
  }

  private boolean called() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      return all.filter(process -> process.getFileName().toString().matches("\\d+"))
          .anyMatch(process -> plain()
              ? has(process.resolve("environ"), "APPTAINER_CACHEDIR=" + folder)
              : has(process.resolve("cmdline"), "muster-container\0" + program()));
    }
  }

  private static boolean has(Path file, String text) {
    try {
      return Files.isReadable(file)
          && Files.readString(file, StandardCharsets.ISO_8859_1).contains(text);
    } catch (IOException e) {
      return false; // it has ended
    }
  }
}
