package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.run.RunResult;
import dev.muster.run.TaskFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/** A folder with a workflow, a registry {@code workers} and a run directory. */
class Runs {
  final Path folder;
  final Path run;

  Runs(Path folder) {
    this.folder = folder;
    this.run = folder.resolve("the run");
  }

  /** Makes a program of the registry. */
  Path worker(String path, String text) throws IOException {
    Path file = folder.resolve("workers").resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  RunOptions.Builder options() {
    return RunOptions.builder().directory(run).keepValues(true);
  }

  RunResult run(String yaml) throws Exception {
    return run(yaml, options().build());
  }

  RunResult run(String yaml, RunOptions options) throws Exception {
    WorkflowFile file = Workflows.fromYaml(Files.writeString(folder.resolve("w.yaml"), yaml));
    try (var running = Muster.start(file, options)) {
      return running.await();
    }
  }

  static TaskFailure failure(RunResult result) {
    return Objects.requireNonNull(result.failures().get(0).failure());
  }

  /** Returns what to say of a run that should have gone well. */
  static String told(RunResult result) {
    return result.failures().isEmpty() ? result.toString() : failure(result).message();
  }

  static boolean alive(Path pidFile) throws IOException {
    Path stat = Path.of("/proc", Files.readString(pidFile).strip(), "stat");
    try {
      return !Files.readString(stat).contains(") Z "); // one whom nobody has buried yet
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
