package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.batch.spi.Strategy;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStartException;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A folder with operations, workflows that use them, and a way to see what processes a run has left behind. */
final class DaskSite {
  static final Duration LIMIT = Duration.ofSeconds(150);
  private static final List<String> OPERATIONS = List.of(
      "where",
      "one",
      "add",
      "total",
      "large",
      "size",
      "words",
      "foreign",
      "given",
      "real",
      "odd",
      "flaky",
      "none",
      "fail",
      "sleep",
      "die",
      "die_once",
      "record",
      "stubborn",
      "variable",
      "talk",
      "foul",
      "child",
      "processes",
      "spoil",
      "look",
      "silent",
      "wait",
      "meet",
      "made",
      "crash_beside",
      "drop",
      "end_untold",
      "end_later",
      "hog",
      "addresses",
      "echo");

  final Path base;
  final Path directory;
  final List<RunEvent> events = new CopyOnWriteArrayList<>();
  final List<Strategy> strategies = new ArrayList<>();
  boolean keepGoing;

  DaskSite(Path base) throws IOException {
    this.base = base;
    this.directory = base.resolve("run");
    try (InputStream ops = Objects.requireNonNull(DaskSite.class.getResourceAsStream("ops.py"))) {
      Files.copy(ops, base.resolve("ops.py"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
  }

  static String python() {
    return System.getProperty("muster.dask.python", "/usr/bin/python3");
  }

  Workflow.Builder workflow() {
    Map<String, String> operations = new LinkedHashMap<>();
    OPERATIONS.forEach(name -> operations.put(name, "ops:" + name));
    return Workflow.builder()
        .name("site")
        .baseDirectory(base)
        .registry(
            new Registry(operations, Map.of("recorder", "ops:Recorder", "timed", "ops:Timed")));
  }

  static Execution.Builder execution() {
    return Execution.builder().backend("dask").config("python", python());
  }

  static Execution two() {
    return execution().pool("default", pool -> pool.workers(2)).build();
  }

  Run start(Workflow workflow, Execution execution) {
    RunOptions.Builder options =
        RunOptions.builder().directory(directory).keepGoing(keepGoing).listener(events::add);
    strategies.forEach(options::plugin);
    return opened(Muster.start(workflow, execution, options.build()));
  }

  /** Waits until a run has opened its backends; throws what kept it from that. */
  static Run opened(Run run) {
    await()
        .atMost(LIMIT)
        .until(() -> Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().equals("muster-start@" + run.id())));
    boolean ended = run.progress().stages().stream()
        .allMatch(stage -> stage.waiting() == 0 && stage.running() == 0);
    RunResult over = ended ? run.await(LIMIT) : null; // one that cannot start skips all its tasks
    if (over != null && over.error() instanceof RunStartException error) {
      run.close();
      throw (RuntimeException) error.reason();
    }
    return run;
  }

  /** Runs to the end and makes sure that no process is left. */
  RunResult run(Workflow workflow, Execution execution) throws IOException {
    RunResult result;
    try (Run run = start(workflow, execution)) {
      result = run.await(LIMIT);
    }
    assertThat(result).as("the run ended in time").isNotNull();
    assertThat(processes()).isEmpty();
    return result;
  }

  <E extends RunEvent> List<E> events(Class<E> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** Returns the processes of the run: those whose Python modules lie in its directory. */
  List<Long> processes() throws IOException {
    List<Long> found = new ArrayList<>();
    byte[] mark = base.toString().getBytes(StandardCharsets.UTF_8);
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      for (Path process :
          all.filter(path -> path.getFileName().toString().matches("\\d+")).toList()) {
        try {
          String environment =
              Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
          String status = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
          boolean zombie = status.substring(status.lastIndexOf(')') + 2).startsWith("Z");
          if (!zombie
              && environment.contains("PYTHONPATH=" + new String(mark, StandardCharsets.UTF_8))) {
            found.add(Long.parseLong(process.getFileName().toString()));
          }
        } catch (IOException e) {
          // it has ended, or is not ours
        }
      }
    }
    return found;
  }

  /** Returns the process of a running task, waiting until it is there. */
  long taskProcess() {
    return await().atMost(LIMIT).until(this::started, list -> !list.isEmpty()).get(0);
  }

  List<Long> started() throws IOException {
    try (Stream<Path> files = Files.list(base)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("started-"))
          .map(name -> Long.parseLong(name.substring(8)))
          .toList();
    }
  }

  /** Returns what files hold whose names begin so, by the rest of their names. */
  Map<String, String> notes(String beginning) throws IOException {
    Map<String, String> notes = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(base)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith(beginning)) {
          notes.put(name.substring(beginning.length()), Files.readString(file));
        }
      }
    }
    return notes;
  }

  static void kill(long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-9", Long.toString(pid)).start().waitFor())
        .isZero();
  }
}
