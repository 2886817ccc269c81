package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The command in a JVM of its own, as a user starts it. */
final class MusterProcess {
  private final Process process;
  private final Path output;

  private MusterProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts a command on site.yaml in a folder. */
  static MusterProcess start(String java, Path folder, String command, String... options)
      throws IOException {
    return start(Map.of(), java, folder, command, options);
  }

  /** Starts a command on site.yaml in a folder, with more environment variables. */
  static MusterProcess start(
      Map<String, String> variables, String java, Path folder, String command, String... options)
      throws IOException {
    return start(variables, java, folder, command, "site.yaml", List.of(options));
  }

  /** Starts a command that is about a run. */
  static MusterProcess about(
      String java, Path folder, String command, String run, String... options) throws IOException {
    return start(Map.of(), java, folder, command, run, List.of(options));
  }

  private static MusterProcess start(
      Map<String, String> variables,
      String java,
      Path folder,
      String command,
      String subject,
      List<String> options)
      throws IOException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    List<String> line = new ArrayList<>(List.of(
        "env", // where tests run in the background, SIGINT is ignored
        "--default-signal=INT",
        java,
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        "dev.muster.cli.Main",
        command,
        subject));
    line.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(line)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectInput(new File("/dev/null"))
        .redirectOutput(output.toFile());
    builder.environment().remove("MUSTER_SITE");
    builder.environment().put("XDG_CONFIG_HOME", folder.resolve("no-site").toString());
    builder.environment().putAll(variables);
    return new MusterProcess(builder.start(), output);
  }

  long pid() {
    return process.pid();
  }

  boolean running() {
    return process.isAlive();
  }

  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitOutput(String text, Duration limit) {
    await().atMost(limit).until(() -> output().contains(text) || !process.isAlive());
    assertThat(output()).contains(text);
  }

  void awaitEnd(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("it did not end within " + limit + ":\n" + output());
    }
  }

  /** Ends it, if a test has not. */
  void end() {
    process.destroy();
  }

  int exitCode() {
    return process.exitValue();
  }

  /** Sends a signal to the JVM. */
  void signal(String name) throws IOException, InterruptedException {
    Commands.lines(List.of("kill", "-" + name, Long.toString(process.pid())));
  }
}
