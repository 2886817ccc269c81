package dev.muster.internal.operation;

import dev.muster.code.ContainerSpec;
import dev.muster.code.PythonCode;
import dev.muster.code.ShellCode;
import dev.muster.code.StageCode;
import dev.muster.internal.process.Launchers;
import dev.muster.internal.process.ProcessTree;
import dev.muster.internal.process.Programs;
import dev.muster.spi.WorkerCredentials;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Operation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operations and modifiers that come with Muster, for one run. Not thread-safe. */
final class BuiltIns {
  static final String SHELL = "shell";
  static final String PYTHON = "python";
  static final List<String> OPERATIONS = List.of(PYTHON, SHELL);
  static final List<String> MODIFIERS = List.of("diagnostics", "profile");

  private static final String INTERPRETER = "python3";

  private final PythonProcesses processes;
  private final @Nullable Object interpreter;
  private final WorkerCredentials credentials;
  private final List<String> code;
  private final Closer closer;
  private final Launchers launchers;
  private final Containers containers = new Containers();
  private @Nullable UserCodePath codePath;

  /**
   * Makes those of a run.
   *
   * @param run its id
   * @param config the options of the execution
   * @param code what {@code execution.code} names
   * @param credentials what commands and Python code have, as on a worker
   * @param closer receives what has to be closed
   */
  BuiltIns(
      String run,
      Map<String, ? extends @Nullable Object> config,
      List<String> code,
      WorkerCredentials credentials,
      Closer closer) {
    this.code = List.copyOf(code);
    this.closer = closer;
    this.credentials = credentials;
    this.interpreter = config.get("python");
    this.launchers = closer.add(new Launchers(run));
    this.processes = closer.add(new PythonProcesses(ProcessTree.DEFAULT_GRACE, run));
  }

  /**
   * Returns the operation of a command. Where modifiers are Python, a Python process runs it inside of them, as on a
   * worker.
   *
   * @param container what it runs in, or null
   */
  Operation shell(ShellCode code, @Nullable Container container, Path baseDirectory) {
    if (!code.around().modifiers().isEmpty()) {
      // A container's variables are set in it alone: they would change how its runtime works.
      Map<String, String> variables = container == null ? code.around().variables() : Map.of();
      Map<String, Object> spec = code.container() == null
          ? Map.of()
          : Map.of("container", code.container().json(credentials.variables().keySet()));
      return new PythonOperation(code, spec, kind(variables, true, baseDirectory), processes);
    }
    return new ShellOperation(
        code.command(), ProcessTree.DEFAULT_GRACE, container, credentials, launchers);
  }

  /**
   * Returns what runs the commands of a stage in an image.
   *
   * @throws IllegalArgumentException if the image is not there, or no runtime for it
   */
  Container container(ContainerSpec spec, Path baseDirectory) {
    return new Container(
        containers, spec, baseDirectory, credentials.variables().values());
  }

  /** Returns an operation that is Python code. */
  Operation python(PythonCode code, Path baseDirectory) {
    return new PythonOperation(
        code, Map.of(), kind(code.around().variables(), false, baseDirectory), processes);
  }

  private PythonProcess.Kind kind(
      Map<String, String> variables, boolean commands, Path baseDirectory) {
    Path python = interpreter(variables.get("PATH"), baseDirectory);
    Map<String, String> all = new LinkedHashMap<>(credentials.variables());
    all.putAll(variables);
    if (codePath == null) {
      codePath = closer.add(new UserCodePath(code, baseDirectory));
    }
    codePath.addTo(all);
    return new PythonProcess.Kind(python, all, credentials.unset(), baseDirectory, commands);
  }

  private Path interpreter(@Nullable String searchPath, Path baseDirectory) {
    if (interpreter != null && !(interpreter instanceof String)) {
      throw Params.wrong("execution.config.python", "the name or path of a program", interpreter);
    }
    String name = interpreter == null ? INTERPRETER : (String) interpreter;
    Path found = Programs.find(name, searchPath, baseDirectory);
    if (found == null) {
      throw new IllegalArgumentException("the Python interpreter '" + name + "' "
          + (name.contains("/") ? "does not exist or is not executable" : "is not on PATH")
          + "; install Python 3.8 or newer, or name it in execution.config.python");
    }
    return found;
  }

  /**
   * Returns a modifier.
   *
   * @param kind of the code that it is around
   * @throws IllegalArgumentException if it was given parameters: none of them has any
   */
  static ModifierHooks modifier(Modifier modifier, StageCode.Kind kind) {
    if (!modifier.params().isEmpty()) {
      throw new IllegalArgumentException("the modifier " + modifier.name()
          + " has no parameters, got " + String.join(", ", modifier.params().keySet()));
    }
    return modifier.name().equals("profile") ? new ProfileHooks() : new DiagnosticsHooks(kind);
  }
}
