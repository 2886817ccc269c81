package dev.muster.spi;

import dev.muster.code.StageCode;
import dev.muster.plan.PlannedStage;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a backend knows of the run that it works for.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public interface BackendContext extends WorkerContext {
  /** Returns the stages whose tasks come to this backend, in the author's order. */
  List<PlannedStage> stages();

  /**
   * Returns what the tasks of a stage run. The code of all stages is resolved together, when the first is asked for:
   * ask in {@link Backend#check} and {@link Backend#open}, so that what is wrong is told before anything starts.
   *
   * @throws dev.muster.error.WorkflowException if a stage of this backend has an operation or a modifier that is
   * unknown, wrong, or not among what {@link Backend#carries} says; lists all
   */
  StageCode code(PlannedStage stage);

  /** Tells whether the outputs of all tasks are wanted at the end, not only of those that nothing reads. */
  boolean keepsValues();

  /**
   * Tells whether the run keeps records of its tasks, from which another can go on. Then a backend that {@linkplain
   * Backend#unrecorded records} its results reports with each task what that needs: {@link TaskSink#code}, {@link
   * TaskSink#wroteFiles} and {@link StoredOutput#copy}. Default: false.
   */
  default boolean keepsRecords() {
    return false;
  }

  /** Returns what is known of the results that tasks will give; null, the default, if no records are kept. */
  default @Nullable ResultKeys resultKeys() {
    return null;
  }

  /**
   * Returns the file that holds the output of a task that succeeded, as far as there is one that stays as it is; null,
   * the default, otherwise. What reads it may read the file in the place of {@link #output}.
   */
  default @Nullable OutputCopy copyInFile(int task) {
    return null;
  }

  /**
   * Returns the folder of a task's files within {@link #directory()}; it may not exist. No backend makes such a path
   * itself: names of stages and datasets may hold any character, and become safe file names only here.
   *
   * <p>A call makes a new path. A backend that gets many tasks can do with few calls: in one stage, the folders of a
   * dataset's partitions are equal but for the decimal number at their end, behind a dot, which is the partition's
   * number within the dataset. The tasks of these partitions follow each other, so their folders follow from that of
   * the first one by counting.
   */
  Path folder(int task);

  /** Returns the share that the run has of workers that other runs use, too. Default: {@link RunShare#EVEN}. */
  default RunShare share() {
    return RunShare.EVEN;
  }

  /** Returns where reports go. */
  TaskSink sink();

  /**
   * Finds the operations and modifiers of this backend's stages in this JVM, and their credentials. A backend that runs
   * tasks in this JVM calls it in {@link Backend#open}, so that what is missing is told before anything starts.
   * Commands and Python processes of these stages have the variables of {@link #credentials()}.
   *
   * @throws dev.muster.error.WorkflowException if one is missing or cannot be made; lists all
   * @throws dev.muster.error.MusterException if a credential cannot be had, or is not valid for long enough
   */
  void openOperations();

  /**
   * Returns the code of tasks for one worker of this JVM: inputs, modifiers, operation. Not thread-safe: ask for one
   * per thread.
   *
   * @param pool the worker's pool
   * @param worker the worker's name
   */
  TaskBody body(String pool, String worker);

  /**
   * Returns the output of a task that succeeded; a submitted task's dependencies are always there.
   *
   * @throws IllegalArgumentException if the task has not succeeded or its output was dropped
   */
  @Nullable
  Object output(int task);

  /**
   * Tells whether a task that a submitted one gathers has no output, because it failed for good or could not run.
   * That is only so where the stage of the submitted task {@linkplain PlannedStage#tolerates tolerates} it: such a task
   * is submitted once all that it gathers has ended. By default no task is.
   */
  default boolean isMissing(int task) {
    return false;
  }
}
