package dev.muster.cli;

import dev.muster.internal.journal.JournalTail;
import dev.muster.internal.rundir.LogFile;
import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.internal.rundir.TaskFolders;
import dev.muster.run.RunEvent;
import dev.muster.run.RunSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster logs}: shows the logs of a run, or of one of its tasks. */
@Command(
    name = "logs",
    description = "Show the ends of the logs of a run or of one task, failures first.",
    footer = {
      "",
      "Exit codes: 0 shown, 1 the directory cannot be read, 2 there is no such run or task.",
      "",
      "Examples:",
      "  muster logs latest",
      "  muster logs latest Select/ttbar.17 --lines 200"
    })
final class LogsCommand implements Callable<Integer>, Main.Talking {
  private static final int MOST_FAILURES = 3;
  private static final int MOST_FILES = 50;
  private static final int MOST_LINES = 1_000_000;
  private static final String MARGIN = "  ";

  private final Shell shell;

  @Mixin
  private final RunChoice run = new RunChoice();

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "TASK",
      description = "The task, as messages name it, for example Select/ttbar.17.")
  private @Nullable String task;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      defaultValue = "20",
      description = "How many lines of each file to show (default: 20).",
      order = 11)
  private int lines = 20;

  LogsCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return run.output;
  }

  @Override
  public Integer call() throws IOException {
    if (lines < 1 || lines > MOST_LINES) {
      throw new UsageException(
          "--lines must be a number from 1 to " + MOST_LINES + ", got " + lines);
    }
    RunSummary summary = run.summary(shell);
    Path directory = summary.directory();
    RecordedPlan plan = RecordedPlan.read(directory);
    TaskFolders folders = new TaskFolders(directory, plan);
    RecordedRun recorded = new RecordedRun(plan);
    List<RunEvent> ofTask = new ArrayList<>();
    try (JournalTail journal = new JournalTail(directory)) {
      journal.read(event -> {
        recorded.onEvent(event);
        if (task != null && task.equals(name(event))) {
          ofTask.add(event);
        }
      });
    }
    List<String> shown = new ArrayList<>();
    if (task != null) {
      ofTask(task, folders, ofTask, shown);
    } else {
      ofRun(summary, folders, recorded, shown);
    }
    shown.forEach(shell.out()::line);
    return ExitCode.DONE;
  }

  private static @Nullable String name(RunEvent event) {
    return event instanceof RunEvent.TaskFailed e
        ? e.name()
        : event instanceof RunEvent.TaskStarted e
            ? e.name()
            : event instanceof RunEvent.TaskSucceeded e
                ? e.name()
                : event instanceof RunEvent.TaskSkipped e ? e.name() : null;
  }

  private void ofTask(String name, TaskFolders folders, List<RunEvent> events, List<String> shown) {
    Path folder = folders.of(name);
    if (folder == null && events.isEmpty()) {
      throw new UsageException(folders.unknown(name));
    }
    RunEvent last = events.isEmpty() ? null : events.get(events.size() - 1);
    if (last instanceof RunEvent.TaskFailed failed) {
      failure(failed, shown);
    } else if (last instanceof RunEvent.TaskSkipped skipped) {
      shown.add(Text.harmless(name) + " was skipped: " + Text.firstLine(skipped.reason()));
    } else {
      shown.add(Text.harmless(name)
          + (last instanceof RunEvent.TaskSucceeded
              ? " succeeded"
              : last == null ? " has not started" : " has started"));
    }
    List<Path> files = new ArrayList<>();
    if (folder != null) {
      files.add(TaskFolders.errors(folder));
      files.addAll(TaskFolders.printed(folder));
      files.removeIf(file -> !LogFile.hasText(file));
    }
    files.forEach(file -> file(file, shown));
    if (files.isEmpty()) {
      shown.add("it left no logs in the run's directory");
    }
  }

  private void ofRun(
      RunSummary summary, TaskFolders folders, RecordedRun recorded, List<String> shown)
      throws IOException {
    List<RunEvent.TaskFailed> failures = recorded.failures();
    for (RunEvent.TaskFailed failed :
        failures.subList(0, Math.min(MOST_FAILURES, failures.size()))) {
      failure(failed, shown);
      Path folder = folders.of(failed.name());
      if (folder != null) {
        shown.add("with its stack trace: " + name(TaskFolders.errors(folder)));
        TaskFolders.printed(folder).forEach(file -> file(file, shown));
      }
      shown.add("");
    }
    if (failures.size() > MOST_FAILURES) {
      shown.add("and " + Text.count(failures.size() - MOST_FAILURES, "more failure")
          + "; 'muster logs RUN TASK' shows one, 'muster status RUN' lists them");
      shown.add("");
    }
    Path directory = summary.directory();
    for (String name : List.of("logs", "console")) {
      Path file = directory.resolve(name);
      if (LogFile.hasText(file)) {
        file(file, shown);
      }
    }
    others(directory, shown);
  }

  private void others(Path directory, List<String> shown) throws IOException {
    Path debug = directory.resolve("debug");
    if (!Files.isDirectory(debug)) {
      return;
    }
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(debug)) {
      all.filter(LogFile::hasText).filter(LogsCommand::isLog).sorted().forEach(files::add);
    } catch (java.io.UncheckedIOException e) {
      shown.add("(not all of " + Text.harmless(debug.toString()) + " can be read)");
    }
    if (!files.isEmpty()) {
      shown.add("other logs:");
      files.stream().limit(MOST_FILES).forEach(file -> shown.add(MARGIN + name(file)));
      if (files.size() > MOST_FILES) {
        shown.add(MARGIN + "and " + (files.size() - MOST_FILES) + " more");
      }
    }
  }

  private static boolean isLog(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.matches("(?:.*[._-])?(?:out|err|logs?|stdout|stderr)(?:[._-].*)?");
  }

  private void failure(RunEvent.TaskFailed failed, List<String> shown) {
    shown.add(Text.harmless(failed.name()) + " failed in attempt " + failed.attempt() + " ("
        + failed.kind() + "):");
    List<String> message = Text.lines(failed.message());
    message.stream().limit(lines).forEach(line -> shown.add(MARGIN + line));
    if (message.size() > lines) {
      shown.add(MARGIN + "...");
    }
  }

  private String name(Path file) {
    return Text.harmless(shell.shown(file).toString());
  }

  private void file(Path file, List<String> shown) {
    shown.add(name(file) + ":");
    LogFile.tail(file, lines).forEach(line -> shown.add(MARGIN + line));
  }
}
