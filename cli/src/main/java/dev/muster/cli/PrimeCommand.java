package dev.muster.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * {@code muster prime}: goes through all commands once and says nothing. The start script runs it to learn which
 * classes they need, and keeps these in an archive that the JVM starts from.
 */
@Command(name = "prime", description = "Load what the commands need, for the start script.")
final class PrimeCommand implements Callable<Integer> {
  private static final String WORKFLOW = """
      name: prime
      analysis:
        stages:
          - {id: One, op: shell, params: {command: "true"}}
          - {id: Two, op: shell, params: {command: "true"}, execution: {require: default}}
      execution:
        pools:
          default: {workers: 1, resources: {cpus: 1, memory: 1GB}}
      """;

  private final Shell shell;

  PrimeCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() throws IOException {
    Path directory = Files.createTempDirectory("muster-prime");
    try {
      String good = Files.writeString(directory.resolve("prime.yaml"), WORKFLOW).toString();
      String bad = Files.writeString(directory.resolve("bad.yaml"), "analysis: {stages: 1}\n")
          .toString();
      Output nowhere = new Output(new ByteArrayOutputStream());
      Shell silent = new Shell(
          shell.library(),
          nowhere,
          new Screen(nowhere),
          shell.terminal(),
          shell.clock(),
          directory);
      for (List<String> command : List.of(
          List.of("validate", good),
          List.of("validate", bad, "--json"),
          List.of("validate", bad),
          List.of("plan", good),
          List.of("plan", good, "--json"),
          List.of("explain", good),
          List.of("run", good, "--set", "pools.default.workers=2"))) {
        Main.execute(silent, command.toArray(String[]::new));
      }
    } finally {
      delete(directory);
    }
    return ExitCode.DONE;
  }

  private static void delete(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(directory)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }
}
