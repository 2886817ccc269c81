package dev.muster;

import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/** What tests of runs share. */
public final class RunFixture {
  /** Long enough for a loaded machine; a test that waits so long fails. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  private RunFixture() {}

  /** Returns an execution with a default pool of {@code workers} workers. */
  public static Execution workers(int workers) {
    return Execution.builder().pool("default", pool -> pool.workers(workers)).build();
  }

  /** Returns a dataset with {@code partitions} partitions. */
  public static Dataset data(String name, int partitions) {
    return new Dataset(name, Collections.nCopies(partitions, "file"), List.of(), Map.of());
  }

  /** Runs to the end. */
  public static RunResult run(Workflow workflow, Execution execution, RunOptions.Builder options) {
    try (Run run = Muster.start(workflow, execution, options.build())) {
      return end(run);
    }
  }

  /** Runs to the end, with the default options. */
  public static RunResult run(Workflow workflow, Execution execution) {
    return run(workflow, execution, RunOptions.builder());
  }

  /** Starts a run and waits until its backends are open and have the first tasks. */
  public static Run start(Workflow workflow, Execution execution, RunOptions options) {
    return started(Muster.start(workflow, execution, options));
  }

  /** Starts a run and waits until its backends are open and have the first tasks. */
  public static Run start(Workflow workflow, Execution execution) {
    return start(workflow, execution, RunOptions.defaults());
  }

  /** Waits until a run's backends are open and have the first tasks. */
  public static Run started(Run run) {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("muster-start@" + run.id())) {
        try {
          thread.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
    return run;
  }

  /** Waits for the end. */
  public static RunResult end(Run run) {
    return Objects.requireNonNull(run.await(PATIENCE), "the run does not end");
  }

  /** Returns the names of all live threads of runs. */
  public static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("muster-"))
        .sorted()
        .toList();
  }

  /** A listener that keeps what it receives. */
  public static final class Events extends CopyOnWriteArrayList<RunEvent> {
    private static final long serialVersionUID = 1L;

    /** Creates an empty list. */
    public Events() {}

    /** Returns the events of one kind, in order. */
    public <E extends RunEvent> List<E> of(Class<E> kind) {
      return stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }
}
