package dev.muster.cli;

import dev.muster.execution.Pool;
import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.plan.PlannedStage;
import dev.muster.run.RunProgress;
import dev.muster.run.RunProgress.StageProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a run stands at one moment: all that a progress display shows.
 *
 * @param workflow the workflow's name
 * @param elapsed the time since the run began
 * @param stopping whether it was asked to end
 * @param rows the stages, in the author's order
 */
record Snapshot(String workflow, Duration elapsed, boolean stopping, List<Row> rows) {
  Snapshot {
    rows = List.copyOf(rows);
  }

  /**
   * Where a stage stands.
   *
   * @param pools the names of its pools
   * @param progress its counts
   * @param elapsed the time since its first task began, until its last one ended; null if none did
   */
  record Row(String pools, StageProgress progress, @Nullable Duration elapsed) {
    String id() {
      return Text.harmless(progress.id());
    }

    int ended() {
      return progress.succeeded() + progress.failed() + progress.skipped();
    }

    boolean over() {
      return ended() >= progress.tasks();
    }
  }

  /** Takes one. */
  static Snapshot of(
      RecordedPlan plan, RunProgress progress, Timeline timeline, Instant now, boolean stopping) {
    List<Row> rows = new ArrayList<>(progress.stages().size());
    for (int i = 0; i < progress.stages().size(); i++) { // in the order of the plan
      StageProgress stage = progress.stages().get(i);
      String pools = pools(plan.stages().get(i));
      rows.add(new Row(pools, stage, timeline.elapsed(stage.id(), now)));
    }
    return new Snapshot(Text.harmless(plan.workflow()), timeline.elapsed(now), stopping, rows);
  }

  /** Returns the names of a stage's pools, as a display shows them; empty if there is no such stage. */
  static String pools(RecordedPlan plan, String stage) {
    return plan.stages().stream()
        .filter(each -> each.id().equals(stage))
        .map(Snapshot::pools)
        .findFirst()
        .orElse("");
  }

  private static String pools(RecordedPlan.Stage stage) {
    return Text.harmless(String.join("|", stage.pools()));
  }

  /** Returns the names of a stage's pools, as a display shows them. */
  static String pools(PlannedStage stage) {
    return Text.harmless(
        stage.route().pools().stream().map(Pool::name).collect(Collectors.joining("|")));
  }

  /** Returns the sum of all stages. */
  StageProgress total() {
    int tasks = 0;
    int running = 0;
    int succeeded = 0;
    int failed = 0;
    int skipped = 0;
    for (Row row : rows) {
      tasks += row.progress.tasks();
      running += row.progress.running();
      succeeded += row.progress.succeeded();
      failed += row.progress.failed();
      skipped += row.progress.skipped();
    }
    return new StageProgress(workflow, tasks, running, succeeded, failed, skipped);
  }
}
