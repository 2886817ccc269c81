package dev.muster.batch;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Starts a program of the tests in a JVM of its own. */
public final class OtherJvm {
  private OtherJvm() {}

  /** Starts {@code main} with the class path of the tests; what it prints goes to {@code log}. */
  public static Process start(
      Class<?> main, Map<String, String> environment, Path log, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        String.join(
            File.pathSeparator,
            System.getProperty("surefire.test.class.path", ""),
            System.getProperty("java.class.path", ""),
            System.getProperty("jdk.module.path", ""),
            "target/test-classes",
            "target/classes"),
        main.getName()));
    command.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }
}
