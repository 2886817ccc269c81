package dev.muster.internal.engine;

import dev.muster.error.MusterException;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.resume.ResumePlan;
import dev.muster.internal.resume.RunRecords;
import dev.muster.internal.rundir.RunClaim;
import dev.muster.plan.Plan;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings to disk what a run writes while it goes: the records of its tasks, then what its journal and its log say of
 * them. Thread-safe.
 */
final class RunKeeping {
  private final RunRecord said;
  private final @Nullable RunRecords tasks;
  private final Consumer<Throwable> broken;

  /**
   * @param broken told if the records cannot be written
   */
  RunKeeping(RunRecord said, @Nullable RunRecords tasks, Consumer<Throwable> broken) {
    this.said = said;
    this.tasks = tasks;
    this.broken = broken;
  }

  /** Opens the records of the tasks of a run that has a directory; null if it has none. */
  static @Nullable RunRecords records(
      Plan plan, Providers providers, EngineOptions options, RunFiles files, PlanCheck checked) {
    Path directory = files.given();
    RunClaim claim = files.claim();
    return directory == null || claim == null
        ? null
        : RunRecords.open(
            plan,
            providers,
            checked::recordedCode,
            directory,
            claim.controller(),
            RunRecord.durability(plan),
            options.keepValues(),
            task -> files.touchedOutputs(plan, task));
  }

  /** Closes records after an error. */
  static void closeAfter(Throwable error, @Nullable RunRecords records) {
    MusterException unclosed = records == null ? null : records.close();
    if (unclosed != null) {
      error.addSuppressed(unclosed);
    }
  }

  /** Returns in a line what is taken of earlier runs, if this one goes on from them. */
  Optional<String> resumed() {
    return Optional.ofNullable(tasks).map(RunRecords::resumed).map(ResumePlan::summary);
  }

  /** Brings everything to disk. Called by the thread that writes events, whenever it has nothing else to do. */
  void pause() {
    if (tasks != null) { // before the journal tells of the same tasks
      try {
        tasks.flush();
      } catch (MusterException e) {
        broken.accept(e);
      }
    }
    said.pause();
  }

  /**
   * Closes everything.
   *
   * @return why not everything could be written, or null
   */
  @Nullable
  MusterException close() {
    MusterException kept = tasks == null ? null : tasks.close();
    MusterException told = said.close();
    return told == null ? kept : told;
  }
}
