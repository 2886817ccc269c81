package dev.muster.internal.operation;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Pool;
import dev.muster.internal.discovery.Providers;
import dev.muster.spi.WorkerCredentials;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the stages of one run do: found before anything starts, closed at the end of the run.
 *
 * <p>Thread-safe.
 */
public final class StageCodes implements AutoCloseable {
  private final Map<String, StageCode> codes;
  private final Closer closer;

  private StageCodes(Map<String, StageCode> codes, Closer closer) {
    this.codes = codes;
    this.closer = closer;
  }

  /**
   * Finds the operation and the modifiers of each stage, reads its {@code .env} file, and makes what has to be made.
   *
   * @param stages those of the workflow's stages whose tasks this JVM runs
   * @param baseDirectory the folder that relative paths of the workflow are taken from
   * @param config the options of the execution; {@code python} is the interpreter of Python code, {@code container_runtime} runs images
   * @param pools the pools that these stages may use
   * @param credentials what commands and Python code of these stages have, as on a worker
   * @throws WorkflowException listing every stage whose operation or modifier is unknown or cannot be made
   */
  public static StageCodes open(
      Workflow workflow,
      Collection<Stage> stages,
      Providers providers,
      Path baseDirectory,
      Map<String, ? extends @Nullable Object> config,
      Collection<Pool> pools,
      WorkerCredentials credentials) {
    Closer closer = new Closer();
    List<Problem> problems = new ArrayList<>();
    Map<String, StageCode> codes = new HashMap<>();
    try {
      Resolver resolver = new Resolver(
          workflow,
          providers,
          new BuiltIns(config, pools, credentials, closer),
          baseDirectory.toAbsolutePath().normalize(),
          closer,
          problems);
      for (Stage stage : stages) {
        StageCode code = resolver.resolve(stage);
        if (code != null) {
          codes.put(stage.id(), code);
        }
      }
      if (!problems.isEmpty()) {
        throw new WorkflowException(problems);
      }
      return new StageCodes(codes, closer);
    } catch (Throwable error) {
      closer.closeAfter(error);
      throw error;
    }
  }

  /**
   * Returns what {@link #open} would refuse. What is made for that is closed again.
   *
   * @param here those of the stages whose tasks this JVM runs
   * @param elsewhere those whose tasks run in another process; of them, what that process alone can know is not looked at
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
    try (Closer closer = new Closer()) {
      Resolver resolver = new Resolver(
          workflow,
          providers,
          new BuiltIns(config, pools, WorkerCredentials.none(), closer),
          baseDirectory.toAbsolutePath().normalize(),
          closer,
          problems);
      here.forEach(resolver::resolve);
      elsewhere.forEach(resolver::check);
    }
    return problems;
  }

  /**
   * Returns a stage's environment variables, those of its {@code .env} file read.
   *
   * @throws WorkflowException if the file cannot be read
   */
  public static Map<String, String> variables(Stage stage, Path baseDirectory) {
    List<Problem> problems = new ArrayList<>();
    Map<String, String> variables = Resolver.variables(stage, baseDirectory, problems);
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
    return variables;
  }

  /**
   * Returns what the tasks of {@code stage} run.
   *
   * @throws IllegalArgumentException if it was not among the stages given to {@link #open}
   */
  public StageCode of(Stage stage) {
    StageCode code = codes.get(stage.id());
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
