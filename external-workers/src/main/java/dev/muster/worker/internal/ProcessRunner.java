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
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  public void run(CallPlace place, Map<String, String> environment)
      throws IOException, InterruptedException {
    Map<String, String> variables = new HashMap<>(environment);
    variables.putAll(options.env());
    Path stdin = null;
    Path stdout = place.stdout();
    Path output = null;
    if (kind == Kind.UV) {
      variables.remove("VIRTUAL_ENV");
    } else {
      variables.putAll(CallVariables.of(place, options.exportValues()));
    }
    variables.put(CallVariables.DIRECTORY, place.base().toString());
    if (kind == Kind.STDINOUT) {
      stdin = place.call().inputs().values().stream().findFirst().map(place::at).orElse(null);
      output =
          place.call().outputs().values().stream().findFirst().map(place::at).orElse(null);
    }
    if (output != null) { // written whole: it has its name when the worker has ended
      stdout = output.resolveSibling("." + output.getFileName() + ".new");
      OwnFiles.file(stdout);
      OwnFiles.file(place.stderr());
    }
    List<String> argv = argv(place, variables.get("PATH"));
    Path cwd = kind == Kind.UV ? launcher.folder() : place.base();
    checkSize(argv, variables);
    long kills = MemoryKills.count();
    CommandEnd end = end(new Launch(
        argv,
        cwd,
        variables,
        stdin,
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

  private List<String> argv(CallPlace place, @Nullable String path) {
    if (kind != Kind.UV) {
      return kind == Kind.STDINOUT
          ? List.of(launcher.file().toString())
          : List.of(launcher.file().toString(), place.argument());
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
    return List.of(
        uv.toString(), "run", String.valueOf(launcher.file().getFileName()), place.argument());
  }

  private void checkSize(List<String> argv, Map<String, String> variables) {
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

  /** The variables of the documented contract for programs. */
  static final class CallVariables {
    /** Names the folder that relative paths are taken from. */
    static final String DIRECTORY = "TKR_DIR";

    private CallVariables() {}

    /** Returns the variables of a call; paths are absolute. */
    static Map<String, String> of(CallPlace place, boolean values) throws IOException {
      Map<String, String> variables = new HashMap<>();
      variables.put("checkpoints_directory", place.base().toString());
      variables.put("function_name", place.call().functionName());
      variables.put("worker_call_args_file", place.definition().toString());
      variables.put("done_path", place.done().toString());
      variables.put("error_path", place.at(place.call().errorPath()).toString());
      variables.put("output_dir", place.at(place.call().outputDir()).toString());
      String logs = place.call().logsPath();
      if (logs != null) {
        variables.put("logs_path", place.at(logs).toString());
      }
      for (Map.Entry<String, String> input : place.call().inputs().entrySet()) {
        String name = named("input", input.getKey());
        variables.put(name + "_file", place.at(input.getValue()).toString());
        if (values) {
          variables.put(name + "_value", value(input.getKey(), place.at(input.getValue())));
        }
      }
      place
          .call()
          .outputs()
          .forEach((port, path) ->
              variables.put(named("output", port) + "_file", place.at(path).toString()));
      return variables;
    }

    private static String named(String what, String port) {
      if (port.indexOf('=') >= 0 || port.indexOf('\0') >= 0) {
        throw new TaskException(
            FailureKind.OPERATION,
            "the port '" + port + "' cannot be part of a variable's name",
            null);
      }
      return what + "_" + port;
    }

    private static String value(String port, Path file) throws IOException {
      if (Files.size(file) <= CommandSize.MAX_TEXT) {
        try {
          String text = StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
              .toString();
          if (text.indexOf('\0') < 0) {
            return text;
          }
        } catch (CharacterCodingException e) {
          throw unfit(port, "is no text", e);
        }
      }
      throw unfit(port, "is too large or has a NUL character", null);
    }

    private static TaskException unfit(String port, String why, @Nullable Exception cause) {
      return new TaskException(
          FailureKind.SERIALIZATION,
          "the input '" + port + "' " + why + ", and cannot be a variable; leave export_values out"
              + " and let the worker read the file input_" + port + "_file",
          cause);
    }
  }
}
