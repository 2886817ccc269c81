package dev.muster.cli;

import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.run.RunEvent;
import dev.muster.run.RunProgress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Shows how a run goes, each time that it is told to: as a region of the terminal, or as lines. Used by one thread.
 */
final class Display implements AutoCloseable {
  /** How often to update it. */
  static final Duration TICK = Duration.ofMillis(100);

  private static final Duration HEARTBEAT = Duration.ofSeconds(30);
  private static final int MAX_ROWS = 30;
  private static final int BRIEF = 3;

  /** How to show it. */
  enum Mode {
    LIVE,
    PLAIN,
    QUIET
  }

  private final Mode mode;
  private final Shell shell;
  private final Style style;
  private final Timeline timeline;
  private final RecordedPlan plan;
  private volatile Terminal.@Nullable Size size;
  private Instant lastLine;

  Display(Mode mode, Shell shell, Style style, Timeline timeline, RecordedPlan plan) {
    this.mode = mode;
    this.shell = shell;
    this.style = style;
    this.timeline = timeline;
    this.plan = plan;
    lastLine = shell.clock().instant();
    if (mode == Mode.LIVE) {
      Signals.onResize(() -> size = null);
    }
  }

  /** Shows what is new. */
  void update(RunProgress progress, boolean stopping) {
    if (mode == Mode.QUIET) {
      return;
    }
    Clock clock = shell.clock();
    Instant now = clock.instant();
    Snapshot snapshot = Snapshot.of(plan, progress, timeline, now, stopping);
    tell();
    if (mode == Mode.LIVE) {
      Terminal.Size current = size;
      if (current == null) {
        current = shell.terminal().size();
        size = current;
      }
      // The last column stays free: some terminals wrap as soon as it is written.
      int height = Math.min(MAX_ROWS, current.rows() - 1);
      shell.err().draw(ProgressView.render(snapshot, current.columns() - 1, height, style));
    } else if (Duration.between(lastLine, now).compareTo(HEARTBEAT) >= 0) {
      shell.err().print(PlainView.heartbeat(snapshot, style));
      lastLine = now;
    }
  }

  // A live display shows stages itself, so only what its region cannot hold is told.
  private void tell() {
    List<String> lines = new ArrayList<>();
    for (RunEvent event : timeline.news()) {
      List<String> told = PlainView.event(
          event, timeline.elapsed(event.time()), this::pools, id -> took(id, event), style);
      if (mode == Mode.PLAIN) {
        lines.addAll(told);
      } else if (event instanceof RunEvent.TaskFailed) {
        lines.addAll(told.subList(0, Math.min(BRIEF, told.size())));
      } else if (event instanceof RunEvent.Notice || event instanceof RunEvent.WorkerEnded) {
        lines.addAll(told);
      }
    }
    if (!lines.isEmpty()) {
      shell.err().print(lines);
      lastLine = shell.clock().instant();
    }
  }

  private String pools(String stage) {
    return Snapshot.pools(plan, stage);
  }

  private Duration took(String stage, RunEvent event) {
    Duration elapsed = timeline.elapsed(stage, event.time());
    return elapsed == null ? Duration.ZERO : elapsed;
  }

  /** Tells what is left to tell, and leaves the terminal as it was. */
  void end() {
    if (mode != Mode.QUIET) {
      tell();
    }
    close();
  }

  /** Leaves the terminal as it was. Idempotent. */
  @Override
  public void close() {
    shell.err().close();
  }
}
