package dev.muster.cli;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.run.Run;
import dev.muster.run.RunListener;
import dev.muster.run.RunProgress;
import dev.muster.run.RunProgress.StageProgress;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.StageResult;
import dev.muster.run.TaskResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A run that ends when a test says so, or when it is cancelled. */
final class FakeRun implements Run {
  final CompletableFuture<RunResult> end = new CompletableFuture<>();
  final List<RunListener> listeners = new ArrayList<>();
  private final Plan plan;
  private final @Nullable Path directory;
  volatile boolean stubborn;
  volatile boolean cancelled;
  volatile boolean closed;

  FakeRun(Plan plan, List<RunListener> listeners, @Nullable Path directory) {
    this.plan = plan;
    this.directory = directory;
    this.listeners.addAll(listeners);
  }

  /** Returns a result in which the first stages have failed tasks, and those after them were skipped. */
  static RunResult result(
      Plan plan, RunStatus status, List<TaskResult> failures, @Nullable Path directory) {
    Map<String, StageResult> stages = new LinkedHashMap<>();
    boolean skip = false;
    for (PlannedStage stage : plan.stages()) {
      int failed = (int) failures.stream()
          .filter(task -> task.name().startsWith(stage.id() + "/"))
          .count();
      int skipped = skip ? stage.taskCount() : 0;
      int succeeded = stage.taskCount() - failed - skipped;
      stages.put(
          stage.id(),
          new StageResult(
              stage.id(),
              succeeded,
              failed,
              skipped,
              skip ? Duration.ZERO : Duration.ofMillis(1500),
              List.of()));
      skip |= failed > 0;
    }
    return new RunResult(
        status, Duration.ofMillis(12_340), stages, failures, null, null, directory);
  }

  void end(RunStatus status, TaskResult... failures) {
    end.complete(result(plan, status, List.of(failures), directory));
  }

  @Override
  public String id() {
    return "r1";
  }

  @Override
  public Plan plan() {
    return plan;
  }

  @Override
  public @Nullable Path directory() {
    return directory;
  }

  @Override
  public RunResult await() {
    return end.join();
  }

  @Override
  public @Nullable RunResult await(Duration limit) {
    try {
      return end.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public CompletionStage<RunResult> result() {
    return end;
  }

  @Override
  public RunProgress progress() {
    return new RunProgress(plan.stages().stream()
        .map(stage -> new StageProgress(stage.id(), stage.taskCount(), 0, 0, 0, 0))
        .toList());
  }

  @Override
  public void onEvent(RunListener listener) {
    listeners.add(listener);
  }

  @Override
  public void drain(Duration patience) {
    cancel();
  }

  @Override
  public void cancel(String reason) {
    cancel();
  }

  @Override
  public void cancel() {
    cancelled = true;
    if (!stubborn) {
      end(RunStatus.CANCELLED);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
