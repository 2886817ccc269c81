package dev.muster.internal.operation;

import dev.muster.code.ContainerSpec;
import dev.muster.code.PythonCode;
import dev.muster.code.ShellCode;
import dev.muster.code.StageCode;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Pool;
import dev.muster.internal.process.Launchers;
import dev.muster.internal.process.ProcessTree;
import dev.muster.internal.process.Programs;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.spi.WorkerCredentials;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Operation;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The operations and modifiers that come with Muster, for one run. Not thread-safe, but as a {@link CommandHost}. */
final class BuiltIns implements CommandHost {
  static final String SHELL = "shell";
  static final String PYTHON = "python";
  static final List<String> OPERATIONS = List.of(PYTHON, SHELL);
  static final List<String> MODIFIERS = List.of("diagnostics", "profile"); // in Java

  private static final String OPTION = "python";
  private static final String INTERPRETER = "python3";

  private final String run;
  private final PythonProcesses processes;
  private final @Nullable Object interpreter;
  private final int pools;
  private final Map<String, Object> interpreters =
      new LinkedHashMap<>(); // of pools, where it is another one
  private final WorkerCredentials credentials;
  private final List<String> code;
  private final Closer closer;
  private final Launchers launchers;
  private final @Nullable Supplier<Path> lists;
  private final Map<Class<?>, Object> shared = new HashMap<>();
  private final Containers containers = new Containers();
  private final Map<KindKey, PythonProcess.Kind> kinds = new HashMap<>();
  private @Nullable UserCodePath codePath;

  /** What a kind of Python process is made from: stages that have the same share one. */
  private record KindKey(
      String owner, Map<String, String> variables, boolean whole, Path baseDirectory) {
    /** Says nothing of the variables' values: they may be secrets. */
    @Override
    public String toString() {
      return owner + " in " + baseDirectory + " with " + variables.keySet();
    }
  }

  /**
   * Makes those of a run.
   *
   * @param run its id
   * @param config the options of the execution
   * @param pools the pools that its stages may use; their options win
   * @param code what {@code execution.code} names
   * @param credentials what commands and Python code have, as on a worker
   * @param python processes that other runs use, too, or null
   * @param lists returns the folder of files that tasks share, or null if they share none
   * @param closer receives what has to be closed
   */
  BuiltIns(
      String run,
      Map<String, ? extends @Nullable Object> config,
      Collection<Pool> pools,
      List<String> code,
      WorkerCredentials credentials,
      @Nullable WarmPython python,
      @Nullable Supplier<Path> lists,
      Closer closer) {
    this.run = run;
    this.lists = lists;
    this.code = List.copyOf(code);
    this.closer = closer;
    this.credentials = credentials;
    this.interpreter = config.get(OPTION);
    this.pools = pools.size();
    for (Pool pool : pools) {
      Object own = pool.config().get(OPTION);
      if (own != null && !own.equals(interpreter)) {
        interpreters.put(pool.name(), own);
      }
    }
    this.launchers = closer.add(new Launchers(run));
    this.processes = closer.add(
        python == null
            ? new PythonProcesses(ProcessTree.DEFAULT_GRACE, run)
            : new PythonProcesses(ProcessTree.DEFAULT_GRACE, python));
  }

  @Override
  public String run() {
    return run;
  }

  @Override
  public Launchers launchers() {
    return launchers;
  }

  @Override
  public WorkerCredentials credentials() {
    return credentials;
  }

  @Override
  public synchronized <T extends AutoCloseable> T shared(Class<T> type, Supplier<T> maker) {
    return type.cast(shared.computeIfAbsent(type, absent -> closer.add(maker.get())));
  }

  /**
   * Returns the operation of a command. Where modifiers are Python, a Python process runs it inside of them, as on a
   * worker.
   *
   * @param stage the stage's id
   * @param container what it runs in, or null
   */
  Operation shell(String stage, ShellCode code, @Nullable Container container, Path baseDirectory) {
    if (!code.around().modifiers().isEmpty()) {
      // A container's variables are set in it alone: they would change how its runtime works.
      Map<String, String> variables = container == null ? code.around().variables() : Map.of();
      Map<String, Object> spec = code.container() == null
          ? Map.of()
          : Map.of("container", code.container().json(credentials.variables().keySet()));
      return python(code, spec, variables, true, baseDirectory);
    }
    return new ShellOperation(
        code.command(),
        ProcessTree.DEFAULT_GRACE,
        container,
        credentials,
        launchers,
        // In a container there is no other folder than the task's.
        new FileLists(container == null ? lists : null, RunLayout.fileName(stage)));
  }

  /** Returns an operation that is Java code. */
  Operation java(Operation operation) {
    return operation instanceof CommandOperation commands ? commands.open(this) : operation;
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
    boolean whole = PythonModifiers.needCode(code.around().modifiers());
    return python(code, Map.of(), code.around().variables(), whole, baseDirectory);
  }

  private Operation python(
      StageCode code,
      Map<String, Object> more,
      Map<String, String> variables,
      boolean whole,
      Path baseDirectory) {
    Map<String, Operation> others = new LinkedHashMap<>();
    interpreters.forEach((pool, named) -> others.put(
        pool,
        new PythonOperation(
            code, more, kind("pool " + pool, named, variables, whole, baseDirectory), processes)));
    // Where all pools name one, that of the execution need not be there.
    Operation rest = pools > 0 && others.size() == pools
        ? others.values().iterator().next()
        : new PythonOperation(
            code, more, kind("execution", interpreter, variables, whole, baseDirectory), processes);
    return others.isEmpty() ? rest : new ByPool(others, rest);
  }

  private PythonProcess.Kind kind(
      String owner,
      @Nullable Object named,
      Map<String, String> variables,
      boolean whole,
      Path baseDirectory) {
    KindKey key = new KindKey(owner, variables, whole, baseDirectory);
    PythonProcess.Kind kind = kinds.get(key);
    if (kind == null) {
      kind = newKind(owner, named, variables, whole, baseDirectory);
      kinds.put(key, kind);
    }
    return kind;
  }

  private PythonProcess.Kind newKind(
      String owner,
      @Nullable Object named,
      Map<String, String> variables,
      boolean whole,
      Path baseDirectory) {
    Path python = interpreter(owner, named, variables.get("PATH"), baseDirectory);
    Map<String, String> all = new LinkedHashMap<>(credentials.variables());
    all.putAll(variables);
    if (codePath == null) {
      codePath = closer.add(new UserCodePath(code, baseDirectory));
    }
    codePath.addTo(all);
    return new PythonProcess.Kind(python, all, credentials.unset(), baseDirectory, whole);
  }

  private static Path interpreter(
      String owner, @Nullable Object named, @Nullable String searchPath, Path baseDirectory) {
    if (named != null && !(named instanceof String)) {
      throw new WorkflowException(
          owner + ".config." + OPTION, OPTION + " must be a text, got " + named, null);
    }
    String name = named == null ? INTERPRETER : (String) named;
    Path found = Programs.find(name, searchPath, baseDirectory);
    if (found == null) {
      throw new IllegalArgumentException("the Python interpreter '" + name + "' "
          + (name.contains("/") ? "does not exist or is not executable" : "is not on PATH")
          + "; install Python 3.8 or newer, or name it in " + owner + ".config.python");
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
    noParameters(modifier);
    return modifier.name().equals("profile") ? new ProfileHooks() : new DiagnosticsHooks(kind);
  }

  /** Refuses parameters of a modifier that has none. */
  static void noParameters(Modifier modifier) {
    if (!modifier.params().isEmpty()) {
      throw new IllegalArgumentException("the modifier " + modifier.name()
          + " has no parameters, got " + String.join(", ", modifier.params().keySet()));
    }
  }
}
