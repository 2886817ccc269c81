package dev.muster.internal.operation;

import dev.muster.code.Carries;
import dev.muster.code.JavaCode;
import dev.muster.code.PythonCode;
import dev.muster.code.ShellCode;
import dev.muster.code.StageCode;
import dev.muster.code.Surroundings;
import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Pool;
import dev.muster.internal.discovery.Providers;
import dev.muster.plan.WorkerAssignments;
import dev.muster.spi.WorkerCredentials;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Operation;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the stages of one run do: found before anything starts, closed at the end of the run.
 *
 * <p>Thread-safe.
 */
public final class StageCodes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StageCodes.class);

  private final Map<String, StageCode> codes = new LinkedHashMap<>();
  private final Map<String, LocalCode> local = new HashMap<>();
  private final Closer closer = new Closer();

  private final List<Stage> stages;
  private final Path baseDirectory;
  private final Setting setting;

  /**
   * Where stages run.
   *
   * @param backend the backend's name
   * @param carries the code that it carries out
   * @param config the options of the execution; {@code python} is the interpreter of Python code, {@code
   * container_runtime} runs images
   * @param pools the pools that the stages may use
   * @param code what {@code execution.code} names, for Python code in this JVM's processes
   * @param workers which stages are calls of external workers, or null if that is not known
   */
  public record Setting(
      String backend,
      Carries carries,
      Map<String, ? extends @Nullable Object> config,
      Collection<Pool> pools,
      List<String> code,
      @Nullable WorkerAssignments workers) {
    /** Makes that of stages without code of the user's. */
    public Setting(
        String backend,
        Carries carries,
        Map<String, ? extends @Nullable Object> config,
        Collection<Pool> pools) {
      this(backend, carries, config, pools, List.of(), null);
    }

    /** Returns that of stages whose tasks this JVM runs. */
    public static Setting local(
        Map<String, ? extends @Nullable Object> config, Collection<Pool> pools) {
      return new Setting("local", Carries.everything(), config, pools);
    }
  }

  private StageCodes(Collection<Stage> stages, Path baseDirectory, Setting setting) {
    this.stages = List.copyOf(stages);
    this.baseDirectory = baseDirectory.toAbsolutePath().normalize();
    this.setting = setting;
  }

  /**
   * Finds the operation and the modifiers of each stage, reads its {@code .env} file, decides how its image is run, and
   * compiles what it says. Starts nothing and writes nothing.
   *
   * @param stages stages of the workflow
   * @param baseDirectory the folder that relative paths of the workflow are taken from
   * @throws WorkflowException listing every stage whose operation or modifier is unknown, wrong, or not carried out
   * there
   */
  public static StageCodes resolve(
      Workflow workflow,
      Collection<Stage> stages,
      Providers providers,
      Path baseDirectory,
      Setting setting) {
    List<Problem> problems = new ArrayList<>();
    StageCodes codes = resolve(workflow, stages, providers, baseDirectory, setting, problems);
    codes.check(problems);
    return codes;
  }

  /** Does the same, but adds to {@code problems} what is wrong; what it returns has the code of the other stages. */
  public static StageCodes resolve(
      Workflow workflow,
      Collection<Stage> stages,
      Providers providers,
      Path baseDirectory,
      Setting setting,
      List<Problem> problems) {
    StageCodes codes = new StageCodes(stages, baseDirectory, setting);
    codes.resolve(workflow, providers, problems);
    return codes;
  }

  /**
   * Returns what is wrong with stages of which only their backend knows what they run; of them, Java code is not looked
   * for.
   */
  public static List<Problem> problems(
      Workflow workflow,
      Collection<Stage> stages,
      Providers providers,
      Path baseDirectory,
      Setting setting) {
    List<Problem> problems = new ArrayList<>();
    try (StageCodes codes = new StageCodes(stages, baseDirectory, setting)) {
      Resolver resolver =
          new Resolver(workflow, providers, codes.baseDirectory, setting, codes.closer, problems);
      stages.forEach(resolver::check);
    }
    return problems;
  }

  /** Returns everything that {@link #open} would refuse; makes nothing that lasts. */
  public List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    Closer made = new Closer();
    try {
      Map<String, LocalCode> unused =
          make("check", WorkerCredentials.none(), null, null, made, problems);
      log.trace("{} stages can run in this JVM", unused.size());
    } finally {
      made.close();
    }
    return problems;
  }

  /**
   * Returns what is wrong with stages of which it is not known where they run: their variables, commands, callables,
   * and names that nobody here knows.
   */
  public static List<Problem> problems(
      Workflow workflow, Collection<Stage> stages, Providers providers, Path baseDirectory) {
    List<Problem> problems = new ArrayList<>();
    Setting anywhere = Setting.local(Map.of(), List.of());
    try (StageCodes codes = new StageCodes(stages, baseDirectory, anywhere)) {
      Resolver resolver =
          new Resolver(workflow, providers, codes.baseDirectory, anywhere, codes.closer, problems);
      stages.forEach(resolver::checkNamed);
    }
    return problems;
  }

  /**
   * Makes what runs the tasks of these stages in this JVM.
   *
   * @param run the id of the run
   * @param credentials finds what commands and Python code of these stages have, as on a worker
   * @throws WorkflowException listing every stage for which something is missing on this machine
   */
  public void open(String run, Supplier<WorkerCredentials> credentials) {
    open(run, credentials, null, null);
  }

  /**
   * Does the same with what is shared.
   *
   * @param python processes that other runs use, too, or null
   * @param lists returns a folder for lists of files that tasks share, or null if they share none
   */
  public void open(
      String run,
      Supplier<WorkerCredentials> credentials,
      @Nullable WarmPython python,
      @Nullable Supplier<Path> lists) {
    List<Problem> problems = new ArrayList<>();
    local.putAll(make(run, credentials.get(), python, lists, closer, problems));
    check(problems);
  }

  private void check(List<Problem> problems) {
    if (!problems.isEmpty()) {
      WorkflowException error = new WorkflowException(problems);
      closer.closeAfter(error);
      throw error;
    }
  }

  private void resolve(Workflow workflow, Providers providers, List<Problem> problems) {
    try {
      Resolver resolver =
          new Resolver(workflow, providers, baseDirectory, setting, closer, problems);
      for (Stage stage : stages) {
        StageCode code = resolver.resolve(stage);
        if (code != null) {
          codes.put(stage.id(), code);
        }
      }
    } catch (Throwable error) {
      closer.closeAfter(error);
      throw error;
    }
  }

  private Map<String, LocalCode> make(
      String run,
      WorkerCredentials credentials,
      @Nullable WarmPython shared,
      @Nullable Supplier<Path> lists,
      Closer made,
      List<Problem> problems) {
    Map<String, LocalCode> all = new HashMap<>();
    BuiltIns builtIns = new BuiltIns(
        run, setting.config(), setting.pools(), setting.code(), credentials, shared, lists, made);
    for (Stage stage : stages) {
      StageCode code = codes.get(stage.id());
      if (code == null) {
        continue;
      }
      String path = ".op";
      try {
        Container container = null;
        if (code instanceof ShellCode shell && shell.container() != null) {
          path = ".environment.image";
          container = builtIns.container(shell.container(), baseDirectory);
        }
        Operation operation;
        if (code instanceof JavaCode java) {
          operation = builtIns.java(java.operation());
        } else if (code instanceof PythonCode python) {
          operation = builtIns.python(python, baseDirectory);
        } else {
          operation = builtIns.shell(stage.id(), (ShellCode) code, container, baseDirectory);
        }
        List<ModifierHooks> hooks =
            code.around().hooks().stream().map(Surroundings.Hook::hooks).toList();
        all.put(stage.id(), new LocalCode(operation, hooks, code.around().variables()));
      } catch (WorkflowException e) { // of the execution: the same for all stages
        e.problems().stream().filter(each -> !problems.contains(each)).forEach(problems::add);
      } catch (IllegalArgumentException | MusterException e) {
        problems.add(new Problem(
            stage.location(), "stage " + stage.id() + path, String.valueOf(e.getMessage()), null));
      }
    }
    return all;
  }

  /** Tells whether a stage has code. */
  public boolean has(Stage stage) {
    return codes.containsKey(stage.id());
  }

  /**
   * Returns the code of a stage.
   *
   * @throws IllegalArgumentException if it was not among the stages given
   */
  public StageCode code(Stage stage) {
    return known(codes, stage);
  }

  /**
   * Returns what the tasks of {@code stage} run in this JVM.
   *
   * @throws IllegalArgumentException if it was not among the stages given to {@link #open}
   */
  public LocalCode of(Stage stage) {
    return known(local, stage);
  }

  private static <T> T known(Map<String, T> codes, Stage stage) {
    T code = codes.get(stage.id());
    if (code == null) {
      throw new IllegalArgumentException("no code was made for stage " + stage.id());
    }
    return code;
  }

  /**
   * Closes the operations and modifiers that were made for this run, and ends the processes that served it. Idempotent.
   *
   * @throws dev.muster.error.MusterException if some could not be closed; all others are
   */
  @Override
  public void close() {
    closer.close();
  }
}
