package dev.muster.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Execution;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares the links of random workflows with what the words mean, task by task. */
class LinkTest {
  private static final int WORKFLOWS = 400;
  private static final List<Scope> SCOPES = List.of(Scope.values());

  @Test
  void linksAreWhatTheirDefinitionSays() {
    int links = 0;
    for (int seed = 0; seed < WORKFLOWS; seed++) {
      Plan plan = Planning.plan(randomWorkflow(new Random(seed)), Execution.local());
      for (PlannedStage consumer : plan.stages()) {
        for (Link link : consumer.incoming()) {
          if (!link.skipped().isEmpty()) {
            continue; // BypassTest
          }
          PlannedStage producer = plan.stages().get(link.producer());
          assertThat(link.consumer()).isEqualTo(consumer.index());
          assertThat(producer.outgoing()).contains(link);
          check(plan, producer, consumer, link, seed);
          links++;
        }
      }
    }
    assertThat(links).isGreaterThan(WORKFLOWS);
  }

  private static void check(
      Plan plan, PlannedStage producer, PlannedStage consumer, Link link, int seed) {
    String what = "workflow " + seed + ", " + producer.id() + " -> " + consumer.id();
    for (int c = 0; c < consumer.taskCount(); c++) {
      BitSet expected = new BitSet();
      for (int p = 0; p < producer.taskCount(); p++) {
        expected.set(p, depends(plan, producer.firstTask() + p, consumer, c));
      }
      Ranges found = new Ranges();
      link.dependencies(c, found);
      assertThat(found.tasks).as("%s, dependencies of %s", what, c).isEqualTo(expected);
      assertThat(link.dependencyCount(c)).as(what).isEqualTo(expected.cardinality());
    }
    for (int p = 0; p < producer.taskCount(); p++) {
      BitSet expected = new BitSet();
      for (int c = 0; c < consumer.taskCount(); c++) {
        expected.set(c, depends(plan, producer.firstTask() + p, consumer, c));
      }
      Ranges found = new Ranges();
      link.dependents(p, found);
      assertThat(found.tasks).as("%s, dependents of %s", what, p).isEqualTo(expected);
      assertThat(link.dependentCount(p)).as(what).isEqualTo(expected.cardinality());
    }
    if (link.identity()) {
      assertThat(producer.taskCount()).as(what).isEqualTo(consumer.taskCount());
    }
  }

  /** The definition: a task depends on those whose data and its own have something in common. */
  private static boolean depends(Plan plan, int producerTask, PlannedStage consumer, int local) {
    int consumerTask = consumer.firstTask() + local;
    Dataset from = plan.datasetOf(producerTask);
    Dataset to = plan.datasetOf(consumerTask);
    if (from == null) {
      return true;
    }
    if (to == null) {
      return appliesTo(consumer.stage(), from);
    }
    return from.equals(to) && inCommon(plan, producerTask, consumerTask);
  }

  /**
   * Tells whether two tasks of one dataset have partitions in common, or stand for the whole of one without
   * partitions.
   */
  static boolean inCommon(Plan plan, int producerTask, int consumerTask) {
    Partition fromPartition = plan.partitionOf(producerTask);
    Partition toPartition = plan.partitionOf(consumerTask);
    if (fromPartition != null && toPartition != null) {
      return fromPartition.equals(toPartition);
    }
    Dataset dataset = plan.datasetOf(producerTask);
    int count = plan.partitionsOf(plan.workflow().datasets().indexOf(dataset));
    BitSet both = partitions(plan, producerTask, count);
    both.and(partitions(plan, consumerTask, count));
    return !both.isEmpty() || (count == 0 && fromPartition == null && toPartition == null);
  }

  /** Returns the partitions that a task stands for, by their numbers in its dataset. */
  private static BitSet partitions(Plan plan, int task, int count) {
    BitSet found = new BitSet();
    String name = plan.nameOf(task);
    int block = plan.partitionOf(task) != null ? 1 : plan.stageOf(task).block();
    int number = block == 0 ? 0 : Integer.parseInt(name.substring(name.lastIndexOf('.') + 1));
    int width = block == 0 ? count : block;
    found.set(Math.min(count, number * width), Math.min(count, (number + 1) * width));
    return found;
  }

  private static boolean appliesTo(Stage stage, Dataset dataset) {
    Object names = stage.appliesTo().get("name");
    return names == null || ((List<?>) names).contains(dataset.name());
  }

  /** Collects ranges and checks that they ascend, have something in them and do not touch. */
  private static final class Ranges implements Link.RangeConsumer {
    private final BitSet tasks = new BitSet();
    private int end = -1;

    @Override
    public void accept(int from, int to) {
      assertThat(from).isGreaterThan(end).isLessThan(to);
      tasks.set(from, to);
      end = to;
    }
  }

  static Workflow randomWorkflow(Random random) {
    Workflow.Builder workflow = Workflow.builder();
    List<String> names = new ArrayList<>();
    for (int d = random.nextInt(6); d >= 0; d--) {
      List<String> files = Collections.nCopies(random.nextInt(5), "file");
      List<Long> events = files.stream().map(file -> (long) random.nextInt(30)).toList();
      names.add("d" + d);
      workflow.dataset(new Dataset("d" + d, files, events, Map.of()));
    }
    workflow.partitioning(
        random.nextBoolean()
            ? new Partitioning.Files(1 + random.nextInt(3))
            : new Partitioning.Events(10));
    int stages = 2 + random.nextInt(6);
    List<Integer> rank = new ArrayList<>();
    for (int s = 0; s < stages; s++) {
      rank.add(s);
    }
    Collections.shuffle(rank, random);
    for (int s = 0; s < stages; s++) {
      TreeSet<String> needs = new TreeSet<>();
      for (int other = 0; other < stages; other++) {
        if (rank.get(other) < rank.get(s) && random.nextInt(3) > 0) {
          needs.add("s" + other);
        }
      }
      Stage.Builder stage = Stage.builder("s" + s)
          .needs(needs.toArray(String[]::new))
          .from()
          .scope(SCOPES.get(random.nextInt(3)));
      if (random.nextInt(3) == 0) {
        stage.scope(Scope.DATASET).block(1 << random.nextInt(3));
      }
      if (random.nextInt(2) == 0) {
        stage.appliesTo(
            Map.of("name", names.stream().filter(name -> random.nextBoolean()).toList()));
      }
      workflow.stage(stage.build());
    }
    return workflow.build();
  }

  @Test
  void ordersOfRandomWorkflowsAreValid() {
    for (int seed = 0; seed < WORKFLOWS; seed++) {
      Plan plan = Planning.plan(randomWorkflow(new Random(seed)), Execution.local());
      BitSet done = new BitSet();
      for (PlannedStage stage : plan.stagesInOrder()) {
        assertThat(stage.incoming()).allMatch(link -> done.get(link.producer()));
        done.set(stage.index());
      }
      assertThat(done.cardinality()).isEqualTo(plan.stages().size());
    }
  }

  @Test
  void everyTaskKnowsItsStageAndItsData() {
    for (int seed = 0; seed < WORKFLOWS; seed++) {
      Plan plan = Planning.plan(randomWorkflow(new Random(seed)), Execution.local());
      TreeSet<String> names = new TreeSet<>();
      for (int task = 0; task < plan.taskCount(); task++) {
        PlannedStage stage = plan.stageOf(task);
        assertThat(plan.localIndexOf(task)).isBetween(0, stage.taskCount() - 1);
        assertThat(plan.stageIndexOf(task)).isEqualTo(stage.index());
        assertThat(plan.annotationsOf(task)).isSameAs(stage.route().annotations());
        Partition partition = plan.partitionOf(task);
        Dataset dataset = plan.datasetOf(task);
        assertThat(partition == null).isEqualTo(stage.scope() != Scope.PARTITION);
        assertThat(dataset == null).isEqualTo(stage.scope() == Scope.GLOBAL);
        if (partition != null) {
          assertThat(partition.dataset())
              .isEqualTo(Objects.requireNonNull(dataset).name());
          assertThat(partition).isEqualTo(plan.partition(partition.index()));
        }
        names.add(plan.nameOf(task));
      }
      assertThat(names).hasSize(plan.taskCount());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PARTITION, PARTITION, ONE_TO_ONE",
    "PARTITION, DATASET, GATHER",
    "PARTITION, GLOBAL, GATHER",
    "DATASET, PARTITION, SCATTER",
    "DATASET, DATASET, ONE_TO_ONE",
    "DATASET, GLOBAL, GATHER",
    "GLOBAL, PARTITION, SCATTER",
    "GLOBAL, DATASET, SCATTER",
    "GLOBAL, GLOBAL, ONE_TO_ONE",
  })
  void scopesMakeThePattern(Scope producer, Scope consumer, Pattern pattern) {
    Plan plan = Planning.plan(
        Workflow.builder()
            .dataset("d", "f")
            .stage("A")
            .scope(producer)
            .stage("B")
            .scope(consumer)
            .build(),
        Execution.local());
    Link link = plan.stage("B").incoming().get(0);
    assertThat(link.pattern()).isEqualTo(pattern);
    assertThat(link.identity()).isEqualTo(producer == consumer);
  }

  @Test
  void aFullGatherIsOneRange() {
    Plan plan = Planning.plan(
        Workflow.builder()
            .dataset("a", "1", "2")
            .dataset("b")
            .dataset("c", "3")
            .stage("A")
            .stage("B")
            .scope(Scope.GLOBAL)
            .build(),
        Execution.local());
    List<@Nullable String> ranges = new ArrayList<>();
    plan.stage("B").incoming().get(0).dependencies(0, (from, to) -> ranges.add(from + ".." + to));
    assertThat(ranges).containsExactly("0..3");
  }
}
