package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.workflow.Scope;
import dev.muster.workflow.StageInput;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * That one stage depends on another: the pattern between their tasks, kept as a rule and not written out.
 *
 * <p>All task numbers here count from 0 within their stage. Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class Link {
  private final int producer;
  private final int consumer;
  private final TaskGroup from;
  private final TaskGroup to;
  private final boolean identity;
  private final ImmutableList<StageInput> inputs;
  private final ImmutableList<Integer> skipped;
  private final ImmutableList<Integer> datasets;
  // The consumer tasks that depend on the one task of a global producer.
  private final int first;
  private final int end;

  Link(int producer, int consumer, TaskGroup from, TaskGroup to, ImmutableList<StageInput> inputs) {
    this(
        producer, consumer, from, to, inputs, ImmutableList.of(), ImmutableList.of(), 0, to.size());
  }

  private Link(
      int producer,
      int consumer,
      TaskGroup from,
      TaskGroup to,
      ImmutableList<StageInput> inputs,
      ImmutableList<Integer> skipped,
      ImmutableList<Integer> datasets,
      int first,
      int end) {
    this.producer = producer;
    this.consumer = consumer;
    this.from = from;
    this.to = to;
    this.identity = from == to;
    this.inputs = inputs;
    this.skipped = skipped;
    this.datasets = datasets;
    this.first = first;
    this.end = end;
  }

  /**
   * Returns the links of a dependency that holds for some datasets: one, or one for each range of tasks below a global
   * stage.
   */
  static List<Link> bypass(Bypasses.Bypass bypass, int consumer, TaskGroup from, TaskGroup to) {
    BitSet where = bypass.datasets();
    if (from.scope() != Scope.GLOBAL || to.scope() == Scope.GLOBAL) {
      return List.of(
          bypass(bypass, consumer, from.only(where), to.only(where), where, 0, to.size()));
    }
    List<Link> links = new ArrayList<>(1);
    for (int i = 0; i < to.datasetCount(); i++) {
      BitSet range = new BitSet();
      int first = to.first(to.dataset(i));
      int end = first;
      for (; i < to.datasetCount() && where.get(to.dataset(i)); i++) {
        range.set(to.dataset(i));
        end += to.count(to.dataset(i));
      }
      if (end > first) {
        links.add(bypass(bypass, consumer, from, to, range, first, end));
      }
    }
    return links;
  }

  private static Link bypass(
      Bypasses.Bypass bypass,
      int consumer,
      TaskGroup from,
      TaskGroup to,
      BitSet where,
      int first,
      int end) {
    ImmutableList<Integer> datasets =
        where.stream().boxed().collect(ImmutableList.toImmutableList());
    return new Link(
        bypass.producer(),
        consumer,
        from,
        to,
        bypass.inputs(),
        bypass.skipped(),
        datasets,
        first,
        end);
  }

  /** Returns the index of the stage that must be done before. */
  public int producer() {
    return producer;
  }

  /** Returns the index of the stage that waits. */
  public int consumer() {
    return consumer;
  }

  /** Returns the inputs that travel along this link; empty if it is an ordering only. */
  public ImmutableList<StageInput> inputs() {
    return inputs;
  }

  /**
   * Returns the indices of the stages that this link passes over, the consumer's own producer first; empty for a link
   * of the workflow itself. Such a link holds only for the {@link #datasets} that these stages do not apply to.
   */
  public ImmutableList<Integer> skipped() {
    return skipped;
  }

  /**
   * Returns the indices of the datasets that a link that passes over stages holds for; empty for a link of the workflow
   * itself.
   */
  public ImmutableList<Integer> datasets() {
    return datasets;
  }

  /** Returns how the tasks of the two stages hang together. */
  public Pattern pattern() {
    int wider = from.compareWidth(to);
    return wider == 0 ? Pattern.ONE_TO_ONE : wider < 0 ? Pattern.GATHER : Pattern.SCATTER;
  }

  /** Tells whether task {@code i} of one stage depends on task {@code i} of the other, for all {@code i}. */
  public boolean identity() {
    return identity;
  }

  /** Returns how many producer tasks a consumer task depends on. */
  public int dependencyCount(int consumerTask) {
    if (identity) {
      return 1;
    }
    if (from.scope() == Scope.GLOBAL) {
      return ofGlobal(consumerTask) ? 1 : 0;
    }
    if (to.scope() == Scope.GLOBAL) {
      return gatheredCount();
    }
    return sameDataset(to, from, consumerTask);
  }

  /** Returns how many consumer tasks depend on a producer task. */
  public int dependentCount(int producerTask) {
    if (identity) {
      return 1;
    }
    if (from.scope() == Scope.GLOBAL) {
      return end - first;
    }
    if (to.scope() == Scope.GLOBAL) {
      return to.includes(from.datasetOf(producerTask)) ? 1 : 0;
    }
    return sameDataset(from, to, producerTask);
  }

  private boolean ofGlobal(int consumerTask) {
    return consumerTask >= first && consumerTask < end;
  }

  private int gatheredCount() {
    int sum = 0;
    for (int i = 0; i < to.datasetCount(); i++) {
      sum += from.count(to.dataset(i));
    }
    return sum;
  }

  private static int sameDataset(TaskGroup here, TaskGroup there, int task) {
    int dataset = here.datasetOf(task);
    int index = here.indexInDataset(task);
    return there.endWith(here, index, dataset) - there.firstWith(here, index, dataset);
  }

  /**
   * Returns the first of the {@link #dependentCount} consumer tasks that depend on a producer task: they are
   * neighbours.
   */
  public int firstDependent(int producerTask) {
    if (identity) {
      return producerTask;
    }
    if (from.scope() == Scope.GLOBAL) {
      return first;
    }
    return to.scope() == Scope.GLOBAL ? 0 : firstOfSameDataset(from, to, producerTask);
  }

  /**
   * Returns the first of the {@link #dependencyCount} producer tasks that a consumer task depends on, or -1 if they may
   * not be neighbours: a global stage that gathers some of the datasets.
   */
  public int firstDependency(int consumerTask) {
    if (identity) {
      return consumerTask;
    }
    if (from.scope() == Scope.GLOBAL) {
      return 0;
    }
    return to.scope() == Scope.GLOBAL ? -1 : firstOfSameDataset(to, from, consumerTask);
  }

  private static int firstOfSameDataset(TaskGroup here, TaskGroup there, int task) {
    int dataset = here.datasetOf(task);
    int first = there.first(dataset);
    return first < 0 ? 0 : first + there.firstWith(here, here.indexInDataset(task), dataset);
  }

  /** Calls {@code each} for every range of producer tasks that a consumer task depends on, ascending. */
  public void dependencies(int consumerTask, RangeConsumer each) {
    if (identity) {
      each.accept(consumerTask, consumerTask + 1);
    } else if (from.scope() == Scope.GLOBAL) {
      if (ofGlobal(consumerTask)) {
        each.accept(0, 1);
      }
    } else if (to.scope() == Scope.GLOBAL) {
      gathered(each);
    } else {
      sameDataset(to, from, consumerTask, each);
    }
  }

  /** Calls {@code each} for every range of consumer tasks that depend on a producer task, ascending. */
  public void dependents(int producerTask, RangeConsumer each) {
    if (identity) {
      each.accept(producerTask, producerTask + 1);
    } else if (from.scope() == Scope.GLOBAL) {
      if (end > first) {
        each.accept(first, end);
      }
    } else if (to.scope() == Scope.GLOBAL) {
      if (to.includes(from.datasetOf(producerTask))) {
        each.accept(0, 1);
      }
    } else {
      sameDataset(from, to, producerTask, each);
    }
  }

  private static void sameDataset(TaskGroup here, TaskGroup there, int task, RangeConsumer each) {
    int dataset = here.datasetOf(task);
    int first = there.first(dataset);
    if (first < 0) {
      return;
    }
    int index = here.indexInDataset(task);
    int start = there.firstWith(here, index, dataset);
    int end = there.endWith(here, index, dataset);
    if (end > start) {
      each.accept(first + start, first + end);
    }
  }

  // Neighbouring ranges are joined, so that a full gather is a single range.
  private void gathered(RangeConsumer each) {
    int start = -1;
    int end = -1;
    for (int i = 0; i < to.datasetCount(); i++) {
      int dataset = to.dataset(i);
      int count = from.count(dataset);
      if (count == 0) {
        continue;
      }
      int first = from.first(dataset);
      if (first == end) {
        end += count;
      } else {
        if (start >= 0) {
          each.accept(start, end);
        }
        start = first;
        end = first + count;
      }
    }
    if (start >= 0) {
      each.accept(start, end);
    }
  }

  /** Receives a range of task numbers. */
  @FunctionalInterface
  public interface RangeConsumer {
    /**
     * Receives one range.
     *
     * @param from the first number
     * @param to the number after the last
     */
    void accept(int from, int to);
  }
}
