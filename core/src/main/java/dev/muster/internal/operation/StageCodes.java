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

/**
 * What the stages of one run do: found before anything starts, closed at the end of the run.
 *
 * <p>Thread-safe.
 */
public final class StageCodes implements AutoCloseable {
  private static final String LOCAL = "local";

  private final Map<String, StageCode> codes = new LinkedHashMap<>();
  private final Map<String, LocalCode> local = new HashMap<>();
  private final Closer closer = new Closer();

  private final List<Stage> stages;
  private final Path baseDirectory;

  private StageCodes(Collection<Stage> stages, Path baseDirectory) {
    this.stages = List.copyOf(stages);
    this.baseDirectory = baseDirectory.toAbsolutePath().normalize();
  }

  /**
   * Finds the operation and the modifiers of each stage, reads its {@code .env} file, and compiles what it says. Starts
   * nothing and writes nothing.
   *
   * @param stages stages of the workflow
   * @param baseDirectory the folder that relative paths of the workflow are taken from
   * @param carries the code that the stages' backend carries out
   * @param backend the backend's name
   * @throws WorkflowException listing every stage whose operation or modifier is unknown, wrong, or not carried out
   * there
   */
  public static StageCodes resolve(
      Workflow workflow,
      Collection<Stage> stages,
      Providers providers,
      Path baseDirectory,
      Carries carries,
      String backend) {
    List<Problem> problems = new ArrayList<>();
    StageCodes codes =
        resolve(workflow, stages, providers, baseDirectory, carries, backend, problems);
    codes.check(problems);
    return codes;
  }

  /** Does the same, but adds to {@code problems} what is wrong; what it returns has the code of the other stages. */
  public static StageCodes resolve(
      Workflow workflow,
      Collection<Stage> stages,
      Providers providers,
      Path baseDirectory,
      Carries carries,
      String backend,
      List<Problem> problems) {
    StageCodes codes = new StageCodes(stages, baseDirectory);
    codes.resolve(workflow, providers, carries, backend, problems);
    return codes;
  }

  /**
   * Returns everything that {@link #resolve} and {@link #open} would refuse; never throws for it. Operations and
   * modifiers that are made to find out are closed again.
   *
   * @param here those of the stages whose tasks this JVM runs
   * @param elsewhere those of which only their backend knows what they run; of them, Java code is not looked for
   */
  public static List<Problem> problems(
      Workflow workflow,
      Collection<Stage> here,
      Collection<Stage> elsewhere,
      Providers providers,
      Path baseDirectory,
      Map<String, ? extends @Nullable Object> config,
      Collection<Pool> pools) {
    List<Problem> problems = new ArrayList<>();
    Carries all = Carries.everything();
    try (StageCodes codes = new StageCodes(here, baseDirectory)) {
      codes.resolve(workflow, providers, all, LOCAL, problems);
      codes.make("check", config, pools, WorkerCredentials.none(), problems);
      Resolver resolver = new Resolver(
          workflow, providers, codes.baseDirectory, all, LOCAL, codes.closer, problems);
      elsewhere.forEach(resolver::check);
    }
    return problems;
  }

  /**
   * Makes what runs the tasks of these stages in this JVM.
   *
   * @param run the id of the run
   * @param config the options of the execution; {@code python} is the interpreter of Python code, {@code
   * container_runtime} runs images
   * @param pools the pools that these stages may use
   * @param credentials finds what commands and Python code of these stages have, as on a worker
   * @throws WorkflowException listing every stage for which something is missing on this machine
   */
  public void open(
      String run,
      Map<String, ? extends @Nullable Object> config,
      Collection<Pool> pools,
      Supplier<WorkerCredentials> credentials) {
    List<Problem> problems = new ArrayList<>();
    make(run, config, pools, credentials.get(), problems);
    check(problems);
  }

  private void check(List<Problem> problems) {
    if (!problems.isEmpty()) {
      WorkflowException error = new WorkflowException(problems);
      closer.closeAfter(error);
      throw error;
    }
  }

  private void resolve(
      Workflow workflow,
      Providers providers,
      Carries carries,
      String backend,
      List<Problem> problems) {
    try {
      Resolver resolver =
          new Resolver(workflow, providers, baseDirectory, carries, backend, closer, problems);
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

  private void make(
      String run,
      Map<String, ? extends @Nullable Object> config,
      Collection<Pool> pools,
      WorkerCredentials credentials,
      List<Problem> problems) {
    BuiltIns builtIns = new BuiltIns(run, config, pools, credentials, closer);
    for (Stage stage : stages) {
      StageCode code = codes.get(stage.id());
      if (code == null) {
        continue;
      }
      String path = ".op";
      try {
        Container container = null;
        if (code instanceof ShellCode shell && shell.image() != null) {
          path = ".environment.image";
          container = builtIns.container(shell.image(), baseDirectory);
        }
        Operation operation;
        if (code instanceof JavaCode java) {
          operation = java.operation();
        } else if (code instanceof PythonCode python) {
          operation = builtIns.python(python, baseDirectory);
        } else {
          operation = builtIns.shell((ShellCode) code, container, baseDirectory);
        }
        List<ModifierHooks> hooks =
            code.around().hooks().stream().map(Surroundings.Hook::hooks).toList();
        local.put(stage.id(), new LocalCode(operation, hooks, code.around().variables()));
      } catch (IllegalArgumentException | MusterException e) {
        problems.add(new Problem(
            stage.location(), "stage " + stage.id() + path, String.valueOf(e.getMessage()), null));
      }
    }
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
