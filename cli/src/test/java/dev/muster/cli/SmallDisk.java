package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A command beside a small disk that only it sees: a file system in memory, mounted in a mount namespace of the
 * command. That needs root, or user namespaces, which Linux has.
 */
public final class SmallDisk {
  private static final String SCRIPT = """
      space=-rm
      unshare -m true 2>/dev/null && space=-m # root needs no user namespace
      exec unshare $space bash -c '
        mount -t tmpfs -o size="$1" none small || exit 99
        test -z "$2" || cat /dev/zero > small/filled 2>/dev/null
        "${@:3}"
        code=$?
        cp -r small/. kept
        exit $code
      ' bash "$@"
      """;

  private final Path folder;
  private final String size;

  /**
   * @param folder where the command runs; the disk is {@code small} in it, and what it holds in the end is copied to
   *     {@code kept}
   * @param size as {@code mount} takes it, for example {@code 1m}
   */
  public SmallDisk(Path folder, String size) throws IOException {
    this.folder = folder;
    this.size = size;
    Files.createDirectory(disk());
    Files.createDirectory(kept());
  }

  /** Returns the folder where the disk is mounted. */
  public Path disk() {
    return folder.resolve("small");
  }

  /** Returns the folder with what the disk held when the command had ended. */
  public Path kept() {
    return folder.resolve("kept");
  }

  /** What a command said, and how it ended. */
  public record Said(int exitCode, String text) {}

  /**
   * Runs a program of the class path of the tests.
   *
   * @param full whether the disk is full from the start
   * @param temporary the folder for temporary files, also of other programs
   */
  public Said java(boolean full, Path temporary, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(
        "bash",
        "-c",
        SCRIPT,
        "bash",
        size,
        full ? "full" : "",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-Djava.io.tmpdir=" + temporary,
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        main.getName()));
    command.addAll(List.of(arguments));
    File output = folder.resolve("output").toFile();
    ProcessBuilder builder = new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectInput(new File("/dev/null"))
        .redirectOutput(output);
    builder.environment().remove("MUSTER_SITE");
    builder.environment().put("XDG_CONFIG_HOME", folder.resolve("no-site").toString());
    builder.environment().put("TMPDIR", temporary.toString());
    Process process = builder.start();
    boolean ended = process.waitFor(Duration.ofMinutes(2).toSeconds(), TimeUnit.SECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    String text = Files.readString(output.toPath());
    assertThat(ended).as("it ends; so far: " + text).isTrue();
    assertThat(process.exitValue()).as("a small disk can be mounted: " + text).isNotEqualTo(99);
    return new Said(process.exitValue(), text);
  }
}
