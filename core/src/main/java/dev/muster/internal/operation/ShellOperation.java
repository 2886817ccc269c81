package dev.muster.internal.operation;

import dev.muster.code.Command;
import dev.muster.code.Command.Capture;
import dev.muster.code.ShellWords;
import dev.muster.code.Template;
import dev.muster.code.Template.Slot;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.CommandEnd;
import dev.muster.internal.process.CommandSize;
import dev.muster.internal.process.ExitCode;
import dev.muster.internal.process.Launch;
import dev.muster.internal.process.Launchers;
import dev.muster.internal.process.MemoryKills;
import dev.muster.internal.process.ProcessMark;
import dev.muster.internal.process.RunningCommand;
import dev.muster.internal.process.SystemText;
import dev.muster.internal.process.Variables;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.spi.WorkerCredentials;
import dev.muster.value.FileRef;
import dev.muster.value.ValueException;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The built-in operation {@code shell}: runs a command and makes outputs of what it prints or writes. When the thread
 * is interrupted, the command and all that it started is ended. Thread-safe.
 */
final class ShellOperation implements Operation {
  private static final long MAX_CAPTURE = 16L << 20;
  private static final int MAX_SHOWN = 4000;
  private static final Pattern LAST_BREAKS = Pattern.compile("\\R+\\z");

  private final Command shell;
  private final Duration grace;
  private final @Nullable Container container;
  private final WorkerCredentials credentials;
  private final Launchers launchers;
  private final FileLists lists;
  private final ShellPrograms programs = new ShellPrograms();

  /**
   * Makes the operation of a stage.
   *
   * @param grace how long a command has to end by itself
   * @param container what its commands run in, or null
   * @param credentials what its commands have
   * @param launchers what starts them
   * @param lists what writes the names of a task's files to a file
   */
  ShellOperation(
      Command shell,
      Duration grace,
      @Nullable Container container,
      WorkerCredentials credentials,
      Launchers launchers,
      FileLists lists) {
    this.shell = shell;
    this.grace = grace;
    this.container = container;
    this.credentials = credentials;
    this.launchers = launchers;
    this.lists = lists;
  }

  @Override
  public @Nullable Object run(OperationContext context) throws Exception {
    Path directory = context.outputDirectory();
    TaskWords words = new TaskWords(context, directory, lists);
    Path cwd = shell.cwd() == null
        ? directory
        : Words.resolve(context.baseDirectory(), words.fill(shell.cwd()));
    Map<String, String> variables = new LinkedHashMap<>(credentials.variables());
    variables.putAll(words.variables());
    variables.putAll(context.variables());
    shell.variables().forEach((name, value) -> variables.put(name, words.fill(value)));
    variables.forEach(ShellOperation::checkVariable);
    List<String> argv;
    Supplier<String> shown; // takes a while to make, and is for messages only
    if (shell.script() != null) {
      ShellScript script = ShellScript.fill(shell.script(), words::of);
      variables.putAll(script.variables());
      argv = new ArrayList<>(shell.interpreter());
      argv.add(script.text());
      shown = () -> brief(script.shown());
      words.checkSize(argv, variables);
      if (container == null && !argv.get(0).equals("/bin/sh")) {
        argv = programs.inPlace(argv, variables.get("PATH"), cwd);
      }
    } else {
      List<String> written = argv(words);
      shown = () -> brief(ShellWords.join(written));
      words.checkSize(written, variables);
      argv = container == null ? programs.inPlace(written, variables.get("PATH"), cwd) : written;
    }
    Map<String, Path> outputs = new LinkedHashMap<>();
    for (Map.Entry<String, Template> output : shell.outputs().entrySet()) {
      Path file = Words.resolve(directory, words.fill(output.getValue()));
      if (file.startsWith(directory)) {
        Files.deleteIfExists(file);
      }
      outputs.put(output.getKey(), file);
    }
    TaskLog logs = TaskLog.in(directory);
    String stdin = shell.stdin() == null ? null : words.fill(shell.stdin());
    Call call = new Call(argv, shown, cwd, variables, stdin, directory, logs, null);
    long printed =
        container == null ? execute(call) : inContainer(container, call, context, outputs.values());
    return result(outputs, logs, printed, shown);
  }

  static String brief(String command) {
    return command.length() <= MAX_SHOWN
        ? command
        : command.substring(0, MAX_SHOWN) + "... (" + command.length() + " characters)";
  }

  private long inContainer(
      Container container, Call call, OperationContext context, Collection<Path> outputs)
      throws IOException, InterruptedException {
    ContainerCall inside =
        container.call(call.argv(), call.cwd(), call.variables(), context, outputs);
    boolean ended = false;
    try {
      long printed = execute(new Call(
          inside.argv(),
          call.shown(),
          call.cwd(),
          inside.environment(),
          call.stdin(),
          call.directory(),
          call.logs(),
          inside));
      ended = true;
      return printed;
    } catch (TaskException e) {
      ended = !maybeKilled(e);
      throw e;
    } finally {
      if (!ended) {
        inside.remove();
      }
    }
  }

  /** Tells whether a signal may have ended the runtime, whose container may go on. */
  private static boolean maybeKilled(TaskException failure) {
    Integer code = failure.exitCode();
    return failure.kind() == FailureKind.WORKER_LOST
        || (code != null && ExitCode.signal(code) != null);
  }

  private record Call(
      List<String> argv,
      Supplier<String> shown,
      Path cwd,
      Map<String, String> variables,
      @Nullable String stdin,
      Path directory,
      TaskLog logs,
      @Nullable ContainerCall container) {}

  private List<String> argv(TaskWords words) {
    List<String> argv = new ArrayList<>();
    for (Template text : shell.argv()) {
      if (text.parts().size() == 1 && text.parts().get(0) instanceof Slot slot) {
        // A list on its own is one argument for each item.
        argv.addAll(words.of(slot));
      } else {
        argv.add(words.fill(text));
      }
    }
    return argv;
  }

  // Else what cannot start the process repeats the value, which may be a secret.
  private static void checkVariable(String name, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new TaskException(
          FailureKind.OPERATION,
          "the value of the variable " + name
              + " has a NUL character, which ends a text in every process",
          null);
    }
  }

  private long execute(Call call) throws IOException, InterruptedException {
    ContainerCall inside = call.container();
    // What looks after containers is nobody's child, so nothing is known of what they use.
    Usage usage = inside == null || inside.plain() ? Usage.current() : null;
    Variables environment = Variables.with(call.variables(), credentials.unset());
    String excess = CommandSize.excess(call.argv(), environment);
    if (!excess.isEmpty()) { // with what the worker and the container's runtime add
      throw new TaskException(
          FailureKind.SERIALIZATION,
          "the command is too long to be started: " + excess
              + "; let large values pass through stdin or a file",
          null);
    }
    String lost = SystemText.problem(call.argv(), environment);
    if (!lost.isEmpty()) {
      throw new TaskException(
          FailureKind.ENVIRONMENT, "the command cannot be started: " + lost, null);
    }
    Launch launch = new Launch(
        call.argv(),
        call.cwd(),
        environment,
        stdin(call),
        new Launch.Logs(call.logs().stdout(), call.logs().stderr(), true),
        usage != null,
        marks(inside),
        grace);
    long kills = call.container() == null ? MemoryKills.before() : MemoryKills.onHost();
    CommandEnd end = end(launch, call);
    if (end.lost() != null) {
      throw new TaskException(
          FailureKind.WORKER_LOST,
          "the command was ended: " + end.lost() + ": " + call.shown().get() + "\nin " + call.cwd()
              + call.logs().tail(),
          null);
    }
    if (usage != null && end.cpuSeconds() != null) {
      usage.addCpuSeconds(end.cpuSeconds());
    }
    if (usage != null && end.peakBytes() != null) {
      usage.addPeakBytes(end.peakBytes());
    }
    if (end.code() != 0) {
      throw failed(call, end.code(), kills);
    }
    return end.stdoutBytes();
  }

  private static Collection<String> marks(@Nullable ContainerCall inside) {
    if (inside == null) {
      return List.of(ProcessMark.VARIABLE);
    }
    return inside.plain() ? inside.marked() : List.of();
  }

  private CommandEnd end(Launch launch, Call call) throws InterruptedException {
    try (RunningCommand command = launchers.start(launch)) {
      return command.await();
    } catch (IOException e) {
      programs.forget();
      String hint = Files.isDirectory(call.cwd()) ? "" : " (there is no such folder)";
      throw new TaskException(
          FailureKind.OPERATION,
          "the command cannot be started: " + call.shown().get() + "\nin " + call.cwd() + hint
              + ": " + IoErrors.describe(e),
          e);
    }
  }

  private static @Nullable Path stdin(Call call) throws IOException {
    if (call.stdin() == null) {
      return null;
    }
    Path file = call.directory().resolve("stdin");
    OwnFiles.write(file, call.stdin());
    return file;
  }

  // A container has a control group of its own.
  private static long memoryKills(Call call) {
    return call.container() == null ? MemoryKills.count() : MemoryKills.onHost();
  }

  private TaskException failed(Call call, int code, long killsBefore) {
    FailureKind kind = FailureKind.OPERATION;
    Integer exitCode = code;
    String hint = "";
    ContainerCall inside = call.container();
    if (inside != null && inside.failedToStart(code, call.logs().stderr())) {
      kind = FailureKind.ENVIRONMENT;
      exitCode = null; // the runtime's, not the command's
      hint = "\nthe container was not started: " + inside;
    } else if (inside != null && code == ExitCode.NOT_FOUND) {
      hint =
          "\n127 usually means that the image has no such program (a text needs /bin/sh, or what 'shell' says): "
              + inside;
    } else if (code == ExitCode.NOT_FOUND) {
      hint = "\n127 usually means that a program was not found; commands run in the task's folder,"
          + " {base_dir} is the workflow's";
    } else if (code == ExitCode.KILLED) {
      if (memoryKills(call) > killsBefore) {
        kind = FailureKind.OUT_OF_MEMORY;
        hint = "\nthe system killed a process for lack of memory meanwhile";
      } else {
        hint = "\nsomething killed it; where memory is limited, often because it used too much";
      }
    }
    return new TaskException(
        kind,
        "the command failed with " + ExitCode.describe(code) + ": "
            + call.shown().get() + "\nin " + call.cwd() + hint + call.logs().tail(),
        exitCode,
        null);
  }

  private @Nullable Object result(
      Map<String, Path> outputs, TaskLog logs, long printed, Supplier<String> shown)
      throws IOException {
    if (outputs.isEmpty()) {
      return captured(logs, printed, shown);
    }
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    if (shell.capture() != Capture.NONE) {
      result.put("stdout", captured(logs, printed, shown));
    }
    for (Map.Entry<String, Path> output : outputs.entrySet()) {
      if (!Files.exists(output.getValue())) {
        throw new TaskException(
            FailureKind.OPERATION,
            "the command succeeded but did not write the output '" + output.getKey() + "', "
                + output.getValue() + ": " + shown.get() + logs.tail(),
            null);
      }
      result.put(output.getKey(), FileRef.of(output.getValue()));
    }
    return result;
  }

  private @Nullable Object captured(TaskLog logs, long printed, Supplier<String> shown)
      throws IOException {
    if (shell.capture() == Capture.NONE) {
      return null;
    }
    String full = logs.full();
    if (!full.isEmpty()) {
      throw new TaskException(
          FailureKind.OPERATION,
          "what the command printed may be incomplete: " + shown.get() + full,
          null);
    }
    if (printed > MAX_CAPTURE) {
      throw new TaskException(
          FailureKind.SERIALIZATION,
          "the command printed " + printed + " bytes, too much for a value (" + MAX_CAPTURE
              + "); let it write a file and name that in 'outputs', or set capture to none: "
              + shown.get(),
          null);
    }
    byte[] bytes = printed == 0 ? new byte[0] : Files.readAllBytes(logs.stdout());
    String text = new String(bytes, StandardCharsets.UTF_8);
    return switch (shell.capture()) {
      case TEXT -> LAST_BREAKS.matcher(text).replaceFirst("");
      case LINES -> text.lines().toList();
      case JSON -> json(bytes, shown, logs);
      case NONE -> null;
    };
  }

  private static @Nullable Object json(byte[] bytes, Supplier<String> shown, TaskLog logs) {
    try {
      return CapturedJson.read(bytes);
    } catch (ValueException e) {
      throw new TaskException(
          FailureKind.SERIALIZATION,
          "the command did not print JSON: " + e.getMessage() + ": " + shown.get() + logs.tail(),
          e);
    }
  }
}
