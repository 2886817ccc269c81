package dev.muster.worker.internal;

import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.CommandEnd;
import dev.muster.internal.process.CommandSize;
import dev.muster.internal.process.Launch;
import dev.muster.internal.process.Launchers;
import dev.muster.internal.process.MemoryKills;
import dev.muster.internal.process.ProcessMark;
import dev.muster.internal.process.ProcessTree;
import dev.muster.internal.process.Programs;
import dev.muster.internal.process.RunningCommand;
import dev.muster.internal.process.SystemText;
import dev.muster.internal.process.Variables;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs calls as processes of this machine. Thread-safe. */
final class ProcessRunner implements CallRunner {
  private final Kind kind;
  private final String worker;
  private final Registry.Launcher launcher;
  private final WorkerOptions options;
  private final Launchers launchers;

  /**
   * Makes one.
   *
   * @param worker the worker's name
   * @param launchers what starts processes
   */
  ProcessRunner(
      Kind kind,
      String worker,
      Registry.Launcher launcher,
      WorkerOptions options,
      Launchers launchers) {
    this.kind = kind;
    this.worker = worker;
    this.launcher = launcher;
    this.options = options;
    this.launchers = launchers;
  }

  @Override
  public void run(CallPlace place, CallEnvironment environment)
      throws IOException, InterruptedException {
    WorkerCommand command = WorkerCommand.of(kind, launcher, options, place, environment);
    Variables variables = Variables.with(command.variables(), command.unset());
    Path output = command.output();
    Path stdout = command.stdout(place);
    if (output != null) { // written whole: it has its name when the worker has ended
      OwnFiles.file(stdout);
      OwnFiles.file(place.stderr());
    }
    List<String> argv = argv(command, variables.get("PATH"));
    checkSize(argv, variables);
    long kills = MemoryKills.before();
    CommandEnd end = end(new Launch(
        argv,
        command.cwd(),
        variables,
        command.stdin(),
        new Launch.Logs(stdout, place.stderr(), output == null),
        false,
        List.of(ProcessMark.VARIABLE),
        ProcessTree.DEFAULT_GRACE));
    if (output != null && end.code() == 0 && end.lost() == null) {
      Files.move(stdout, output, StandardCopyOption.ATOMIC_MOVE);
    } else if (output != null) {
      Files.move(stdout, place.stdout(), StandardCopyOption.REPLACE_EXISTING);
    }
    judge(place, end, kills);
  }

  private void judge(CallPlace place, CommandEnd end, long kills) throws IOException {
    String name = "the worker " + worker + "." + place.call().functionName();
    try {
      Judge.judge(place, name, end, kind != Kind.UV || options.exitStatus());
    } catch (TaskException e) {
      if (end.lost() == null && end.code() != 0 && MemoryKills.count() > kills) {
        throw new TaskException(
            FailureKind.OUT_OF_MEMORY,
            e.getMessage() + "\nthe system killed a process for lack of memory meanwhile",
            e.exitCode(),
            e);
      }
      throw e;
    }
  }

  private List<String> argv(WorkerCommand command, @Nullable String path) {
    if (kind != Kind.UV) {
      return command.argv();
    }
    Path uv = Programs.find(options.uv(), path, null);
    if (uv == null) {
      throw new TaskException(
          FailureKind.ENVIRONMENT,
          "the worker " + worker + " is Python code that uv runs, and the program '" + options.uv()
              + "' " + Programs.missing(options.uv(), path, null)
              + "; install uv, or name it in the option 'uv' of the executor",
          null);
    }
    List<String> argv = new ArrayList<>(command.argv());
    argv.set(0, uv.toString());
    return argv;
  }

  private void checkSize(List<String> argv, Variables variables) {
    String excess = CommandSize.excess(argv, variables);
    if (!excess.isEmpty()) {
      throw new TaskException(
          FailureKind.SERIALIZATION,
          "the worker " + worker + " cannot be started: " + excess + "; leave export_values out",
          null);
    }
    String lost = SystemText.problem(argv, variables);
    if (!lost.isEmpty()) {
      throw new TaskException(
          FailureKind.ENVIRONMENT, "the worker " + worker + " cannot be started: " + lost, null);
    }
  }

  private CommandEnd end(Launch launch) throws InterruptedException {
    try (RunningCommand command = launchers.start(launch)) {
      return command.await();
    } catch (IOException e) {
      String interpreter = Programs.missingInterpreter(launcher.file());
      throw new TaskException(
          FailureKind.OPERATION,
          "the worker " + worker + " cannot be started, " + launcher.file() + ": "
              + IoErrors.describe(e)
              + (interpreter == null
                  ? ""
                  : "; its first line names " + interpreter + ", which is not there"),
          e);
    }
  }
}
