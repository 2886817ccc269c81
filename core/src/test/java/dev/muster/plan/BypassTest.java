package dev.muster.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Execution;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a stage depends on for datasets that its producers do not apply to. */
class BypassTest {
  private static final Map<String, String> MC = Map.of("eventtype", "mc");

  private static Workflow.Builder samples() {
    return Workflow.builder()
        .dataset(data("data", "data", "d"))
        .dataset(data("ttbar", "mc", "t1", "t2"))
        .stage("Read", stage -> {})
        .stage("Common", stage -> {});
  }

  private static Dataset data(String name, String type, String... files) {
    return new Dataset(name, List.of(files), List.of(), Map.of("eventtype", type));
  }

  private static Plan plan(Workflow.Builder workflow) {
    return Planning.plan(workflow.build(), Execution.local());
  }

  private static List<String> problems(Workflow.Builder workflow) {
    return Planning.problems(workflow.build(), Execution.local()).stream()
        .map(problem -> problem.path() + ": " + problem.message() + "; " + problem.suggestion())
        .toList();
  }

  private static List<String> reads(Plan plan, String stage) {
    PlannedStage consumer = plan.stage(stage);
    return consumer.incoming().stream()
        .flatMap(link -> link.inputs().stream().map(input -> {
          StringBuilder text = new StringBuilder();
          text.append(input.name())
              .append('=')
              .append(plan.stages().get(link.producer()).id());
          text.append(input.port() == null ? "" : "." + input.port()).append(':');
          for (int i = 0; i < consumer.taskCount(); i++) {
            int task = i;
            int first = plan.stages().get(link.producer()).firstTask();
            link.dependencies(i, (from, to) -> {
              for (int p = from; p < to; p++) {
                text.append(' ').append(task).append("<-").append(plan.nameOf(first + p));
              }
            });
          }
          return text.toString();
        }))
        .toList();
  }

  @Test
  void readsWhatTheLeftOutStageWouldHaveRead() {
    Plan plan = plan(samples().stage("MCOnly", mc()).stage("Final", stage -> stage.from("MCOnly")));
    assertThat(reads(plan, "Final"))
        .containsExactly(
            "MCOnly=MCOnly: 1<-MCOnly/ttbar.0 2<-MCOnly/ttbar.1",
            "MCOnly=Common: 0<-Common/data.0");
    assertThat(plan.explain("Final").toString())
        .contains(
            "reads its output as MCOnly; for data, in place of MCOnly, which does not apply there");
    assertThat(plan.toYaml()).contains("in_place_of: [MCOnly]").contains("datasets: [data]");
    assertThat(plan.toMermaid()).contains("s1 -->|bypass| s3");
    assertThat(plan.toDot()).contains("s1 -> s3 [label=\"bypass\"]");
  }

  private static Consumer<Stage.Builder> mc() {
    return stage -> stage.appliesTo(MC);
  }

  @Test
  void passesOverSeveralStagesInARow() {
    Plan plan = plan(samples()
        .stage("Smear", mc())
        .stage("Weigh", mc())
        .stage("Final", stage -> stage.from("Weigh")));
    assertThat(reads(plan, "Final"))
        .containsExactly(
            "Weigh=Weigh: 1<-Weigh/ttbar.0 2<-Weigh/ttbar.1", "Weigh=Common: 0<-Common/data.0");
    assertThat(plan.stage("Final").incoming().get(1).skipped()).containsExactly(3, 2);
  }

  @Test
  void stopsForEachDatasetAtTheFirstStageThatAppliesToIt() {
    Plan plan = plan(samples()
        .dataset(data("zll", "signal", "z"))
        .stage("NoData", stage -> stage.appliesTo(Map.of("eventtype", List.of("mc", "signal"))))
        .stage("MCOnly", mc())
        .stage("Final", stage -> {}));
    assertThat(reads(plan, "Final"))
        .containsExactly(
            "MCOnly=MCOnly: 1<-MCOnly/ttbar.0 2<-MCOnly/ttbar.1",
            "MCOnly=NoData: 3<-NoData/zll.0",
            "MCOnly=Common: 0<-Common/data.0");
  }

  @Test
  void keepsTheNameAndResolvesPorts() {
    Plan plan = plan(samples()
        .stage("Same", mc().andThen(s -> s.from(List.of(new StageInput("Common", "events", "in")))))
        .stage("Whole", mc().andThen(s -> s.from("Common")))
        .stage(
            "Final",
            s -> s.from(List.of(
                new StageInput("Same", "events", "a"),
                new StageInput("Same", null, "b"),
                new StageInput("Whole", "weights", null)))));
    assertThat(reads(plan, "Final").subList(3, 6))
        .containsExactly(
            "a=Common.events: 0<-Common/data.0",
            "b=Common.events: 0<-Common/data.0",
            "weights=Common.weights: 0<-Common/data.0");
    assertThat(plan.warnings().toString()).doesNotContain("same output");
  }

  @Test
  void refusesWhatHasNoSingleReplacement() {
    assertThat(problems(samples()
            .stage("Source", mc().andThen(s -> s.needs()))
            .stage("Join", mc().andThen(s -> s.from("Read", "Common")))
            .stage("Merge", mc().andThen(s -> s.scope(Scope.DATASET).from("Common")))
            .stage("Port", mc().andThen(s -> s.from(List.of(new StageInput("Common", "a", null)))))
            .stage("Final", s -> s.from("Source", "Join", "Merge"))
            .stage("Other", s -> s.from(List.of(new StageInput("Port", "b", null))))
            .stage("Default", s -> s.needs("Source"))))
        .satisfiesExactly(
            each -> assertThat(each)
                .isEqualTo(
                    "stage Final.from: the input 'Source' has no value for dataset data: Source"
                        + " does not apply there, and Source reads nothing, so no single one replaces it;"
                        + " write the input as {node: Source, optional: true} to read null there, or"
                        + " restrict Final with applies_to"),
            each -> assertThat(each).contains("'Join'", "Join reads 2 inputs"),
            each -> assertThat(each).contains("'Merge'", "Merge gathers many outputs of Common"),
            each -> assertThat(each).contains("Port reads port 'a' of Common, not 'b'"),
            each ->
                assertThat(each).contains("'Source'", "if it reads nothing of it, write from: []"));
  }

  @Test
  void readsNullOnlyWhereTheInputIsOptional() {
    Plan plan = plan(samples()
        .stage("MCOnly", mc())
        .stage("Final", stage -> stage.from(List.of(StageInput.of("MCOnly").asOptional()))));
    assertThat(reads(plan, "Final"))
        .containsExactly("MCOnly=MCOnly: 1<-MCOnly/ttbar.0 2<-MCOnly/ttbar.1");
    assertThat(plan.explain("Final").toString()).contains("its output (optional)");
    // What the stage that is left out waits for, it waits for all the same.
    assertThat(plan.stage("Final").incoming().get(1).dependencyCount(0)).isOne();
    assertThat(plan.stage("Final").incoming().get(1).dependencyCount(1)).isZero();
  }

  @Test
  void gathersOfADatasetTakeWhatWouldHaveBeenRead() {
    Plan plan = plan(samples()
        .stage("MCOnly", mc())
        .stage("PerDataset", s -> s.from("MCOnly").scope(Scope.DATASET))
        .stage("All", s -> s.from("MCOnly").scope(Scope.GLOBAL)));
    assertThat(reads(plan, "PerDataset"))
        .containsExactly(
            "MCOnly=MCOnly: 1<-MCOnly/ttbar.0 1<-MCOnly/ttbar.1",
            "MCOnly=Common: 0<-Common/data.0");
    assertThat(reads(plan, "All"))
        .containsExactly("MCOnly=MCOnly: 0<-MCOnly/ttbar.0 0<-MCOnly/ttbar.1");
  }

  @Test
  void readsAGlobalOutputInPlace() {
    Plan plan = plan(Workflow.builder()
        .dataset(data("a", "data", "1", "2"))
        .dataset(data("b", "mc", "3"))
        .dataset(data("c", "data", "4"))
        .stage("Table", stage -> stage.scope(Scope.GLOBAL))
        .stage("MCOnly", mc())
        .stage("Final", stage -> {}));
    assertThat(reads(plan, "Final"))
        .containsExactly(
            "MCOnly=MCOnly: 2<-MCOnly/b.0",
            "MCOnly=Table: 0<-Table 1<-Table",
            "MCOnly=Table: 3<-Table");
  }

  @Test
  void warnsWhereTwoInputsBecomeTheSame() {
    Plan plan = plan(
        samples().stage("MCOnly", mc()).stage("Final", stage -> stage.from("Common", "MCOnly")));
    assertThat(plan.warnings().toString())
        .contains(
            "for dataset data, the inputs 'Common' and 'MCOnly' are the same output of Common");
  }

  @Test
  void datasetsWithoutTasksNeedNoValue() {
    Plan plan = plan(Workflow.builder()
        .dataset(data("empty", "data"))
        .dataset(data("b", "mc", "3"))
        .stage("Source", mc())
        .stage("Final", stage -> {}));
    assertThat(plan.stage("Final").incoming()).hasSize(1);
  }

  /** Compares the orderings of random workflows with the rule, task by task. */
  @Test
  void waitsForAllThatLeftOutStagesWaitFor() {
    int bypasses = 0;
    for (int seed = 0; seed < 400; seed++) {
      Plan plan = Planning.plan(LinkTest.randomWorkflow(new Random(seed)), Execution.local());
      long in = 0;
      long out = 0;
      for (PlannedStage stage : plan.stages()) {
        for (int c = 0; c < stage.taskCount(); c++) {
          BitSet expected = new BitSet();
          addExpected(plan, stage, stage, c, expected);
          BitSet found = new BitSet();
          for (Link link : stage.incoming()) {
            int first = plan.stages().get(link.producer()).firstTask();
            int local = c;
            link.dependencies(c, (from, to) -> found.set(first + from, first + to));
            in += link.dependencyCount(local);
            if (link.firstDependency(c) >= 0 && link.dependencyCount(c) > 0) {
              assertThat(found.get(first + link.firstDependency(c))).isTrue();
            }
            bypasses += link.skipped().isEmpty() ? 0 : 1;
          }
          assertThat(found).as("workflow %s, %s task %s", seed, stage.id(), c).isEqualTo(expected);
        }
        for (Link link : stage.outgoing()) {
          for (int p = 0; p < stage.taskCount(); p++) {
            out += link.dependentCount(p);
            int first = link.firstDependent(p);
            int count = link.dependentCount(p);
            link.dependents(
                p,
                (from, to) ->
                    assertThat(from + ".." + to).isEqualTo(first + ".." + (first + count)));
          }
        }
      }
      assertThat(in).as("workflow %s", seed).isEqualTo(out);
    }
    assertThat(bypasses).isGreaterThan(400);
  }

  private static void addExpected(
      Plan plan, PlannedStage stage, PlannedStage at, int local, BitSet expected) {
    Dataset dataset = plan.datasetOf(stage.firstTask() + local);
    int task = stage.firstTask() + local;
    for (String need : java.util.Objects.requireNonNull(at.stage().needs())) {
      PlannedStage producer = plan.stage(need);
      for (Dataset each : plan.workflow().datasets()) {
        boolean mine = dataset == null
            ? stage.group().includes(plan.workflow().datasets().indexOf(each))
            : dataset.equals(each);
        if (!mine) {
          continue;
        }
        boolean applies = producer.scope() == Scope.GLOBAL
            || producer.group().includes(plan.workflow().datasets().indexOf(each));
        if (!applies) {
          addExpected(plan, stage, producer, local, each, expected);
          continue;
        }
        addTasks(plan, producer, each, task, expected);
      }
      if (producer.scope() == Scope.GLOBAL) {
        expected.set(producer.firstTask());
      }
    }
  }

  private static void addExpected(
      Plan plan, PlannedStage stage, PlannedStage at, int local, Dataset only, BitSet expected) {
    int task = stage.firstTask() + local;
    for (String need : java.util.Objects.requireNonNull(at.stage().needs())) {
      PlannedStage producer = plan.stage(need);
      if (producer.scope() == Scope.GLOBAL) {
        expected.set(producer.firstTask());
      } else if (producer.group().includes(plan.workflow().datasets().indexOf(only))) {
        addTasks(plan, producer, only, task, expected);
      } else {
        addExpected(plan, stage, producer, local, only, expected);
      }
    }
  }

  private static void addTasks(
      Plan plan, PlannedStage producer, Dataset dataset, int consumerTask, BitSet expected) {
    for (int task = producer.firstTask();
        task < producer.firstTask() + producer.taskCount();
        task++) {
      if (dataset.equals(plan.datasetOf(task))
          && (plan.datasetOf(consumerTask) == null
              || LinkTest.inCommon(plan, task, consumerTask))) {
        expected.set(task);
      }
    }
  }
}
