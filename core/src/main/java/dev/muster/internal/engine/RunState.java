package dev.muster.internal.engine;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.run.RunProgress;
import dev.muster.run.TaskFailure;
import dev.muster.run.TaskStatus;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All that is known of the tasks of a run, in a few dozen bytes a task. Thread-safe. */
final class RunState {
  private final Plan plan;
  private final RunFiles files;
  private final TaskStates states;
  private final Timings timings;
  private final Outputs outputs;
  private final Failures failures = new Failures();
  private final TaskNotes notes = new TaskNotes();

  RunState(Plan plan, RunFiles files, boolean keepValues, InstantSource clock) {
    this.plan = plan;
    this.files = files;
    states = new TaskStates(plan.taskCount());
    timings = new Timings(plan.taskCount(), clock);
    outputs = new Outputs(plan, keepValues);
  }

  TaskStates states() {
    return states;
  }

  Timings timings() {
    return timings;
  }

  Outputs outputs() {
    return outputs;
  }

  Failures failures() {
    return failures;
  }

  TaskNotes notes() {
    return notes;
  }

  /** Takes note that a worker begins with an attempt; false if that attempt is over. */
  boolean start(PlannedStage stage, int task, int attempt, String pool, String worker) {
    if (!states.move(
        task,
        TaskStates.state(TaskStates.READY, attempt),
        TaskStates.state(TaskStates.RUNNING, attempt))) {
      return false;
    }
    timings.start(task, worker);
    notes.worker(stage, attempt, pool, worker);
    return true;
  }

  /** Returns the pool of a task's last attempt, or null if it never started. */
  @Nullable
  String poolOf(int task) {
    String worker = timings.worker(task);
    return worker == null ? null : notes.poolOf(plan.stageOf(task), worker);
  }

  /** Returns the directory that the user asked for, or null. */
  @Nullable
  Path directory() {
    return files.given();
  }

  /** Returns the run's temporary folder if it had one that is deleted, or null. */
  @Nullable
  Path deletedFolder() {
    return files.deleted();
  }

  /** Takes note that a task has made its folder for output files. */
  void wroteFiles(int task) {
    files.touch(task);
  }

  /** Returns the file that keeps the failures of a task, or null if the run has no directory. */
  @Nullable
  Path errors(int task) {
    Path directory = files.given();
    return directory == null
        ? null
        : directory.resolve(RunFiles.location(plan, task)).resolve(Failures.FILE);
  }

  /** Keeps a failed attempt with the run's files, if the run has a directory. */
  void noteFailure(int task, int attempt, TaskFailure failure) {
    if (files.given() != null) {
      Failures.write(files.directory().resolve(RunFiles.location(plan, task)), attempt, failure);
    }
  }

  /** Returns how many tasks of a stage have each status, by the status's number. */
  int[] counts(PlannedStage stage) {
    int[] counts = new int[TaskStatus.values().length];
    int end = stage.firstTask() + stage.taskCount();
    for (int task = stage.firstTask(); task < end; task++) {
      counts[TaskStates.statusOf(states.get(task))]++;
    }
    return counts;
  }

  RunProgress progress() {
    List<RunProgress.StageProgress> stages = new ArrayList<>(plan.stages().size());
    for (PlannedStage stage : plan.stages()) {
      int[] counts = counts(stage);
      stages.add(new RunProgress.StageProgress(
          stage.id(),
          stage.taskCount(),
          counts[TaskStates.RUNNING],
          counts[TaskStates.SUCCEEDED],
          counts[TaskStates.FAILED],
          counts[TaskStates.SKIPPED]));
    }
    return new RunProgress(List.copyOf(stages));
  }
}
