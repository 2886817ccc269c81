package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.execution.Pool;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Tolerance;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stage in its plan: where it goes, which tasks it has, and what they depend on.
 *
 * <p>Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class PlannedStage {
  private final int index;
  private final Stage stage;
  private final Route route;
  private final TaskGroup group;
  private final int firstTask;
  private final ImmutableList<Link> incoming;
  private final ImmutableList<Link> outgoing;

  PlannedStage(
      int index,
      Stage stage,
      Route route,
      TaskGroup group,
      int firstTask,
      ImmutableList<Link> incoming,
      ImmutableList<Link> outgoing) {
    this.index = index;
    this.stage = stage;
    this.route = route;
    this.group = group;
    this.firstTask = firstTask;
    this.incoming = incoming;
    this.outgoing = outgoing;
  }

  /** Returns the stage's place in the workflow, from 0. */
  public int index() {
    return index;
  }

  /** Returns the stage as the workflow has it, with the executor that its external worker is assigned to. */
  public Stage stage() {
    return stage;
  }

  /** Returns the stage's id. */
  public String id() {
    return stage.id();
  }

  /** Returns where its tasks go. */
  public Route route() {
    return route;
  }

  /** Returns the scope, the default filled in. */
  public Scope scope() {
    return group.scope();
  }

  /** Returns how many partitions of a dataset each task stands for, or 0 if these are no blocks of a dataset. */
  public int block() {
    return group.block();
  }

  /** Returns the number of its first task in the plan. */
  public int firstTask() {
    return firstTask;
  }

  /** Returns how many tasks it has; 0 if no dataset takes part, unless the scope is global. */
  public int taskCount() {
    return group.size();
  }

  /** Returns the indices of the datasets that take part, ascending. */
  public ImmutableList<Integer> datasets() {
    ImmutableList.Builder<Integer> datasets = ImmutableList.builder();
    for (int i = 0; i < group.datasetCount(); i++) {
      datasets.add(group.dataset(i));
    }
    return datasets.build();
  }

  /**
   * Returns the links to the stages that it waits for, the data links in the order of {@code from} first; one for each
   * stage.
   */
  public ImmutableList<Link> incoming() {
    return incoming;
  }

  /** Returns the links to the stages that wait for it. */
  public ImmutableList<Link> outgoing() {
    return outgoing;
  }

  /** Tells whether outputs that come to this stage along a link may be missing: it gathers them, and tolerates it. */
  public boolean tolerates(Link link) {
    return stage.tolerate() != null
        && link.pattern() == Pattern.GATHER
        && !link.inputs().isEmpty();
  }

  /** Returns how many of the outputs that a task of this stage gathers may be missing. */
  public int mostMissing(int task) {
    Tolerance tolerance = stage.tolerate();
    return tolerance == null ? 0 : tolerance.most(gathered(task));
  }

  /** Returns how many outputs a task of this stage gathers of those that may be missing. */
  public int gathered(int task) {
    int gathered = 0;
    for (Link link : incoming) {
      if (tolerates(link)) {
        gathered += link.dependencyCount(task - firstTask);
      }
    }
    return gathered;
  }

  /**
   * Returns the port that readers name of its output, if all that name one name the same: then an operation may return
   * its value bare.
   * Otherwise null.
   */
  public @Nullable String solePort() {
    List<String> ports = outgoing.stream()
        .flatMap(link -> link.inputs().stream())
        .map(StageInput::port)
        .filter(Objects::nonNull)
        .distinct()
        .limit(2)
        .toList();
    return ports.size() == 1 ? ports.get(0) : null;
  }

  TaskGroup group() {
    return group;
  }

  /** Returns for example {@code BuildIndex, 20 tasks on [high_memory]}. */
  @Override
  public String toString() {
    return id() + ", " + Counted.of(taskCount(), "task") + " on "
        + route.pools().stream().map(Pool::name).toList();
  }
}
