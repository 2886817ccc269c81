package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.execution.Staging;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A site whose workers see neither the workflow's folder, nor the run's, nor this checkout, nor the user's home. */
final class HiddenSite {
  private static final String MARK = "MUSTER_HIDDEN_SITE";

  final Path base;
  Path directory;
  final Path python;
  final List<Path> hidden = new ArrayList<>();
  final List<RunEvent> events = new CopyOnWriteArrayList<>();
  boolean keepGoing;

  /**
   * @param folder two folders are made in it: one is hidden, and the other has the interpreter that hides it
   */
  HiddenSite(Path folder) throws IOException, InterruptedException {
    base = Files.createDirectory(folder.resolve("analysis"));
    directory = base.resolve("run");
    hidden.add(base);
    hidden.add(checkout());
    Path home = Path.of(System.getProperty("user.home"));
    if (!Path.of(DaskSite.python()).toRealPath().startsWith(home)
        && !Path.of(DaskSite.python()).startsWith(home)) {
      hidden.add(home);
    }
    StringBuilder script = new StringBuilder("#!/bin/sh\nexec unshare -rm sh -c '");
    hidden.forEach(path -> script.append("mount -t tmpfs none \"").append(path).append("\" && "));
    script.append("exec env ").append(MARK).append("=\"").append(base).append("\" \"$0\" \"$@\"' ");
    script.append(DaskSite.python()).append(" \"$@\"\n");
    python = Files.writeString(folder.resolve("python"), script);
    assertThat(python.toFile().setExecutable(true)).isTrue();
    assumeThat(new ProcessBuilder(python.toString(), "-c", "pass").start().waitFor())
        .as("this user may make mount name spaces")
        .isZero();
    copy("travel_ops.py", base.resolve("travel_ops.py"));
  }

  /** Returns the folder with the sources of this project. */
  static Path checkout() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("mvnw"))) {
      folder = Objects.requireNonNull(folder.getParent(), "a folder with mvnw");
    }
    return folder;
  }

  static void copy(String resource, Path target) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(HiddenSite.class.getResourceAsStream(resource), resource)) {
      Files.copy(in, target);
    }
  }

  Workflow.Builder workflow(String... operations) {
    Map<String, String> registry = new LinkedHashMap<>();
    for (String operation : operations) {
      registry.put(operation, "travel_ops:" + operation);
    }
    return Workflow.builder()
        .name("hidden")
        .baseDirectory(base)
        .registry(new Registry(registry, Map.of()));
  }

  /** Returns an execution without pools; those that are added get the hiding interpreter from {@link #pools}. */
  Execution.Builder execution() {
    return Execution.builder()
        .backend("dask")
        .staging(Staging.TRANSFER)
        .config("python", DaskSite.python());
  }

  /** Adds pools with one worker each. */
  Execution pools(Execution.Builder execution, String... names) {
    for (String name : names) {
      execution.pool(name, pool -> pool.workers(1).config("python", python.toString()));
    }
    return execution.build();
  }

  Run start(Workflow workflow, Execution execution) {
    return DaskSite.opened(Muster.start(
        workflow,
        execution,
        RunOptions.builder()
            .directory(directory)
            .keepGoing(keepGoing)
            .listener(events::add)
            .build()));
  }

  /** Runs to the end and makes sure that no process is left. */
  RunResult run(Workflow workflow, Execution execution) throws IOException {
    RunResult result;
    try (Run run = start(workflow, execution)) {
      result = run.await(DaskSite.LIMIT);
    }
    assertThat(result).as("the run ended in time").isNotNull();
    assertThat(processes()).isEmpty();
    return result;
  }

  /** Returns the workers' processes, and what they have started. */
  List<Long> processes() throws IOException {
    String mark = MARK + "=" + base;
    List<Long> found = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      for (Path process :
          all.filter(path -> path.getFileName().toString().matches("\\d+")).toList()) {
        try {
          if (Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1)
              .contains(mark)) {
            found.add(Long.parseLong(process.getFileName().toString()));
          }
        } catch (IOException e) {
          // it has ended, or is not ours
        }
      }
    }
    return found;
  }

  /** Returns what workers wrote to their logs. */
  String logs() throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.walk(directory.resolve("debug/distributed"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        text.append(Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    return text.toString();
  }
}
