package dev.muster.workflow;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an operation sees of its task.
 *
 * <p>One instance is used again for the next task of the same worker: keep no reference to it after the operation has
 * returned. Not thread-safe.
 *
 * @since 0.1
 */
public interface OperationContext {
  /** Returns the stage that this task belongs to. */
  Stage stage();

  /** Returns the task's partition, or null if its stage's scope is a dataset or everything. */
  @Nullable
  Partition partition();

  /** Returns the task's dataset, or null if its stage's scope is everything. */
  @Nullable
  Dataset dataset();

  /** Returns the stage's parameters. */
  default Map<String, @Nullable Object> params() {
    return stage().params();
  }

  /**
   * Returns a parameter as {@code type}; numbers are converted where nothing is lost.
   *
   * @throws IllegalArgumentException if it is absent or of another type; the message names stage and parameter
   */
  default <T> T param(String name, Class<T> type) {
    return Params.required(stage(), name, type);
  }

  /**
   * Returns a parameter as the type of {@code fallback}, or {@code fallback} if it is absent.
   *
   * @throws IllegalArgumentException if it is of another type
   */
  default <T> T param(String name, T fallback) {
    return Params.optional(stage(), name, fallback);
  }

  /**
   * Returns the files that the task is for, as the workflow has them: those of its partition, of its dataset, or, in a
   * global stage, of all datasets that take part.
   */
  default List<String> files() {
    Partition partition = partition();
    if (partition != null) {
      return partition.files();
    }
    Dataset dataset = dataset();
    return dataset != null ? dataset.files() : List.of();
  }

  /** Returns the names of the inputs, in the order of {@code from}. */
  Set<String> inputNames();

  /**
   * Returns an input: the output of the one task that it comes from, or a {@code List} of the outputs of several, in
   * the order of their partitions, where this stage gathers.
   *
   * @throws IllegalArgumentException if there is no input of that name
   * @throws dev.muster.value.ValueException if it is a Python value that Java cannot read
   */
  @Nullable
  Object input(String name);

  /**
   * Returns an input as another function in Python gets it, for an operation that hands it to one: where {@link
   * #input} returns what Java reads of a Python value, this has the {@link dev.muster.value.PythonValue}. By default
   * the same as {@link #input}.
   *
   * @throws IllegalArgumentException if there is no input of that name
   */
  default @Nullable Object passedInput(String name) {
    return input(name);
  }

  /**
   * Returns an input as {@code type}; numbers are converted where nothing is lost.
   *
   * @throws IllegalArgumentException if there is no input of that name or it is of another type
   */
  default <T> T input(String name, Class<T> type) {
    Object value = input(name);
    T converted = value == null ? null : Params.convert(value, type);
    if (converted == null) {
      throw new IllegalArgumentException("stage " + stage().id() + ": input '" + name + "' is "
          + (value == null ? "absent" : "a " + value.getClass().getName()) + ", not a "
          + type.getName());
    }
    return converted;
  }

  /**
   * Returns an input as a list, one item for each task that it comes from, also if that is a single one.
   *
   * @throws IllegalArgumentException if there is no input of that name
   */
  List<@Nullable Object> inputs(String name);

  /**
   * Returns the partitions that the items of {@link #inputs} belong to, in the same order; null where an item belongs
   * to a whole dataset or to everything.
   *
   * @throws IllegalArgumentException if there is no input of that name
   */
  List<@Nullable Partition> inputPartitions(String name);

  /**
   * Returns the datasets that the items of {@link #inputs} belong to, in the same order; null where an item belongs to
   * everything.
   *
   * @throws IllegalArgumentException if there is no input of that name
   */
  List<@Nullable Dataset> inputDatasets(String name);

  /**
   * Returns the outputs that an input gathers and that are missing, in the order of their tasks: these failed for good,
   * or could not run since one before them did, and the stage {@linkplain StageProperties#tolerate(Tolerance)
   * tolerates} it. {@link #inputs}, {@link #inputPartitions} and {@link #inputDatasets} leave them out. By default
   * none.
   *
   * @throws IllegalArgumentException if there is no input of that name
   */
  default List<MissingInput> missingInputs(String name) {
    return List.of();
  }

  /** Returns the stage's environment variables, those of its {@code .env} file included. */
  Map<String, String> variables();

  /** Returns the number of this attempt, from 1. */
  int attempt();

  /** Returns the pool that the task runs in. */
  String pool();

  /** Returns the worker that the task runs on, for example {@code gpu-0}. */
  String worker();

  /**
   * Returns a folder of this task's own for output files; it is created by the first call and kept with the run. A run
   * without a directory uses a temporary folder that is deleted when the run is closed.
   */
  Path outputDirectory();

  /** Returns the folder that relative paths of the workflow are taken from. */
  Path baseDirectory();

  /** Writes a line to the run's log, under this task's name. */
  void log(String message);

  /**
   * Adds a diagnostic to the task's result, for example {@code ("peak_memory_bytes", 123L)}; a later one of the name
   * takes its place.
   *
   * @param value a JSON-like value, bytes or an array, which is copied; of anything else its text counts. What takes
   * more than 16 KiB as JSON becomes a text with its beginning and its size; a task's diagnostics take at most 64 KiB
   * together
   */
  void diagnostic(String name, @Nullable Object value);

  /** Tells whether the task was cancelled or is out of time; long loops should ask now and then. */
  boolean cancelled();
}
