package dev.muster.plan;

import static dev.muster.plan.Planning.plan;
import static dev.muster.plan.Planning.problems;
import static dev.muster.plan.Planning.threePools;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.Unread;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private static final Execution LOCAL = Execution.local();

  private static List<String> messages(Workflow workflow) {
    return problems(workflow, LOCAL).stream().map(Problem::toString).toList();
  }

  private static Dataset dataset(String name, String type, String... files) {
    return new Dataset(name, List.of(files), List.of(), Map.of("eventtype", type));
  }

  @Test
  void codeOfTheWorkflowStaysWhatEverLayerNamesCode() {
    Workflow workflow =
        Workflow.builder().code("/language").code("shared").stage("A").build();
    assertThat(plan(workflow, LOCAL).code()).containsExactly("/language", "shared");
    Execution named = LOCAL.toBuilder().code("mine", "shared").build();
    assertThat(plan(workflow, named).code()).containsExactly("/language", "shared", "mine");
    assertThat(plan(workflow, named).execution().execution().code())
        .containsExactly("mine", "shared");
    assertThat(workflow.toBuilder().build()).isEqualTo(workflow);
    assertThat(workflow.toBuilder().code("more").build()).isNotEqualTo(workflow);
  }

  @Nested
  class InBlocks {
    private Workflow tree(int first, int second) {
      return Workflow.builder()
          .dataset(dataset("a", "mc", "1", "2", "3", "4", "5"))
          .dataset(dataset("b", "mc", "1"))
          .stage("Fill")
          .stage("Twos")
          .scope(Scope.DATASET)
          .block(first)
          .stage("Fours")
          .scope(Scope.DATASET)
          .block(second)
          .stage("All")
          .scope(Scope.DATASET)
          .build();
    }

    @Test
    void aTaskReadsTheTasksOfItsBlock() {
      Plan plan = plan(tree(2, 4), LOCAL);

      assertThat(plan.stages()).extracting(PlannedStage::taskCount).containsExactly(6, 4, 3, 2);
      Link twos = plan.stage("Twos").incoming().get(0);
      assertThat(twos.pattern()).isEqualTo(Pattern.GATHER);
      assertThat(IntStream.range(0, 4).mapToObj(twos::dependencyCount)).containsExactly(2, 2, 1, 1);
      Link fours = plan.stage("Fours").incoming().get(0);
      assertThat(IntStream.range(0, 3).mapToObj(fours::firstDependency)).containsExactly(0, 2, 3);
      assertThat(plan.nameOf(plan.stage("Twos").firstTask() + 2)).isEqualTo("Twos/a.2");
      assertThat(plan.nameOf(plan.stage("All").firstTask())).isEqualTo("All/a");
      assertThat(plan.explain("Twos").toString()).contains("one for each 2 partitions");
      assertThat(plan.toYaml()).contains("block: 4");
    }

    @Test
    void blocksThatDoNotBeginTogetherAreRefused() {
      assertThat(messages(tree(2, 3)))
          .singleElement()
          .asString()
          .contains(
              "blocks of 3 and those of Twos, which have 2 partitions, do not begin together");
    }

    @Test
    void blocksNeedTheScopeOfADataset() {
      assertThat(messages(Workflow.builder()
              .dataset(dataset("a", "mc", "1"))
              .stage("Fill")
              .block(2)
              .build()))
          .singleElement()
          .asString()
          .contains("the scope is not dataset");
    }
  }

  @Nested
  class Names {
    @Test
    void aStageFollowsTheOneBeforeIt() {
      Plan plan =
          plan(Workflow.builder().stage("A").stage("B").stage("C").needs().build(), LOCAL);
      assertThat(plan.stage("A").incoming()).isEmpty();
      assertThat(plan.stage("B").incoming()).extracting(Link::producer).containsExactly(0);
      assertThat(plan.stage("B").incoming().get(0).inputs()).containsExactly(StageInput.of("A"));
      assertThat(plan.stage("C").incoming()).isEmpty();
      assertThat(plan.stage("A").outgoing()).extracting(Link::consumer).containsExactly(1);
    }

    @Test
    void dataComesFromWhatAStageNeedsUnlessItSaysFrom() {
      Plan plan = plan(
          Workflow.builder()
              .stage("A")
              .stage("B")
              .needs()
              .stage("Both")
              .needs("A", "B", "A")
              .stage("One")
              .needs("A")
              .from("B")
              .build(),
          LOCAL);
      assertThat(plan.stage("Both").incoming())
          .extracting(Link::inputs)
          .containsExactly(
              com.google.common.collect.ImmutableList.of(StageInput.of("A")),
              com.google.common.collect.ImmutableList.of(StageInput.of("B")));
      assertThat(plan.stage("One").incoming()).extracting(Link::producer).containsExactly(1, 0);
      assertThat(plan.stage("One").incoming().get(1).inputs()).isEmpty();
    }

    @Test
    void twoPortsOfOneStageAreOneLink() {
      List<StageInput> inputs =
          List.of(new StageInput("A", "pt", null), new StageInput("A", "eta", "angle"));
      Plan plan = plan(Workflow.builder().stage("A").stage("B").from(inputs).build(), LOCAL);
      assertThat(plan.stage("B").incoming()).hasSize(1);
      assertThat(plan.stage("B").incoming().get(0).inputs()).isEqualTo(inputs);
    }

    @Test
    void unknownNamesAreErrorsThatSuggest() {
      assertThat(messages(Workflow.builder()
              .stage("BuildIndex")
              .stage("B")
              .needs("BuildIndx")
              .stage("C")
              .needs("B")
              .from("Nowhere at all")
              .build()))
          .containsExactly(
              "stage B.needs: there is no stage 'BuildIndx'; did you mean 'BuildIndex'?",
              "stage C.from: there is no stage 'Nowhere at all'; known: BuildIndex, B, C");
    }

    @Test
    void inputsOfOneNameAreErrors() {
      assertThat(messages(Workflow.builder()
              .stage("A")
              .stage("B")
              .stage("C")
              .from(List.of(new StageInput("A", "h", null), new StageInput("B", "h", null)))
              .build()))
          .containsExactly("stage C.from: two inputs are named 'h'; tell them apart with 'as'");
    }

    @Test
    void allProblemsAreReportedInTheOrderOfTheDocument() {
      assertThat(problems(
              Workflow.builder()
                  .stage("A")
                  .require("tpu")
                  .location(new SourceLocation("w.yaml", 3, 5))
                  .stage("B")
                  .needs("X")
                  .location(new SourceLocation("w.yaml", 7, 5))
                  .stage("C")
                  .needs("C")
                  .location(new SourceLocation("w.yaml", 11, 5))
                  .workflow()
                  .dataset("d")
                  .dataset("d")
                  .build(),
              threePools()))
          .extracting(problem -> problem.location() + " " + problem.path())
          .containsExactly(
              "null data.datasets",
              "w.yaml:3:5 stage A.execution.require",
              "w.yaml:7:5 stage B.needs",
              "w.yaml:11:5 stage C.needs");
    }

    @Test
    void aWorkflowWithoutStagesIsAnError() {
      assertThat(messages(Workflow.builder().build()))
          .containsExactly("workflow workflow has no stages");
    }

    @Test
    void brokenExecutionIsReportedWithTheRest() {
      assertThat(problems(
              Workflow.builder().stage("A").needs("X").build(),
              Execution.builder().pool("gpu", pool -> pool.use("nope")).build()))
          .extracting(Problem::path)
          .containsExactly("stage A.needs", "execution.pools.gpu.use");
    }

    @Test
    void manyUnknownNamesAreReportedSoon() {
      Workflow.Builder builder = Workflow.builder();
      for (int i = 0; i < 10_000; i++) {
        builder.stage("stage_number_" + i).needs("stage_nubmer_" + i);
      }
      Workflow workflow = builder.build();
      assertTimeoutPreemptively(
          Duration.ofSeconds(20),
          () -> assertThat(messages(workflow))
              .hasSize(1_001)
              .last()
              .asString()
              .isEqualTo("9000 more problems are not listed"));
    }
  }

  @Test
  void plansWhatIsRightOfAWorkflowThatIsNot() {
    Workflow workflow = Workflow.builder()
        .stage("A")
        .needs("B")
        .stage("B")
        .needs("A")
        .stage("C")
        .needs("B", "X")
        .require("tape")
        .stage("D")
        .needs()
        .executor("far")
        .build();
    Attempt attempt = Planner.attempt(
        workflow, List.of(Layer.of("test", threePools())), Planning.MACHINE, Unread.none());
    assertThat(attempt.isWhole()).isFalse();
    assertThat(attempt.problems())
        .extracting(Problem::path)
        .containsExactlyInAnyOrder(
            "stage A.needs", "stage C.needs", "stage C.execution.require", "stage D.executor");
    assertThat(attempt.plan().stages())
        .extracting(PlannedStage::id)
        .containsExactly("A", "B", "C", "D");
    assertThat(attempt.adrift()).containsExactly("D");
  }

  @Test
  void doesNotTellWhatOnlyFollowsFromSomethingUnread() {
    Workflow workflow = Workflow.builder()
        .stage("A")
        .needs()
        .require("lost")
        .stage("B")
        .executor("lost")
        .stage("C")
        .require("gppu")
        .build();
    Attempt attempt = Planner.attempt(
        workflow,
        List.of(Layer.of("test", threePools())),
        Planning.MACHINE,
        Unread.of(List.of("execution.pools.lost", "execution.executors.lost", "stage B.needs")));
    assertThat(attempt.problems())
        .extracting(Problem::path)
        .containsExactly("stage C.execution.require");
    assertThat(attempt.isWhole()).isFalse();
  }

  @Nested
  class Cycles {
    @Test
    void areShown() {
      assertThat(messages(Workflow.builder()
              .stage("Start")
              .stage("A")
              .needs("Start", "C")
              .stage("B")
              .needs("A")
              .stage("C")
              .needs("B")
              .stage("After")
              .needs("C")
              .build()))
          .containsExactly(
              "stage A.needs: the stages wait for each other: A -> C -> B -> A; remove one of these needs");
    }

    @Test
    void ofManyStagesAreShownInPart() {
      Workflow.Builder builder = Workflow.builder();
      for (int i = 0; i < 50_000; i++) {
        builder.stage("S" + i).needs("S" + (i + 49_999) % 50_000);
      }
      assertThat(messages(builder.build()))
          .singleElement()
          .asString()
          .hasSizeLessThan(300)
          .contains("the stages wait for each other: S0 -> S49999 -> ")
          .contains("-> ... and 49,990 more -> S0; ");
    }

    @Test
    void ofOneStageAreShown() {
      assertThat(messages(Workflow.builder().stage("A").needs("A").build()))
          .containsExactly(
              "stage A.needs: the stage waits for itself: A -> A; remove one of these needs");
    }

    @Test
    void throughDataAreShown() {
      assertThat(messages(
              Workflow.builder().stage("A").from("B").stage("B").needs("A").build()))
          .singleElement()
          .asString()
          .contains("A -> B -> A");
    }

    @Test
    void throughTheOrderOfStagesSayHowToGetOut() {
      assertThat(messages(Workflow.builder().stage("A").needs("B").stage("B").build()))
          .containsExactly("stage A.needs: the stages wait for each other: A -> B -> A;"
              + " stage B says no needs, so it follows A; give it needs: [] if it need not");
    }

    @Test
    void areAllReported() {
      assertThat(messages(Workflow.builder()
              .stage("A")
              .needs("B")
              .stage("B")
              .needs("A")
              .stage("C")
              .needs("D")
              .stage("D")
              .needs("C")
              .stage("E")
              .needs("A", "C")
              .build()))
          .hasSize(2)
          .anySatisfy(text -> assertThat(text).contains("A -> B -> A"))
          .anySatisfy(text -> assertThat(text).contains("C -> D -> C"));
    }

    @Test
    void ofTenThousandStagesAreFoundSoon() {
      Workflow.Builder builder = Workflow.builder();
      for (int i = 0; i < 10_000; i++) {
        builder.stage("s" + i).needs("s" + (i + 1) % 10_000);
      }
      Workflow workflow = builder.build();
      assertTimeoutPreemptively(
          Duration.ofSeconds(20), () -> assertThat(messages(workflow)).hasSize(1));
    }
  }

  @Nested
  class Data {
    private final Workflow.Builder workflow = Workflow.builder()
        .dataset(dataset("ttbar", "mc", "t1", "t2", "t3"))
        .dataset(dataset("empty", "mc"))
        .dataset(dataset("run1", "data", "r1", "r2"));

    @Test
    void scopesGiveTheNumberOfTasks() {
      Plan plan = plan(
          workflow
              .stage("Each")
              .stage("PerDataset")
              .scope(Scope.DATASET)
              .stage("All")
              .scope(Scope.GLOBAL)
              .build(),
          LOCAL);
      assertThat(plan.stages()).extracting(PlannedStage::taskCount).containsExactly(5, 3, 1);
      assertThat(plan.stages()).extracting(PlannedStage::firstTask).containsExactly(0, 5, 8);
      assertThat(plan.stages())
          .extracting(PlannedStage::scope)
          .containsExactly(Scope.PARTITION, Scope.DATASET, Scope.GLOBAL);
      assertThat(IntStream.range(0, plan.taskCount()).mapToObj(plan::nameOf))
          .containsExactly(
              "Each/ttbar.0",
              "Each/ttbar.1",
              "Each/ttbar.2",
              "Each/run1.0",
              "Each/run1.1",
              "PerDataset/ttbar",
              "PerDataset/empty",
              "PerDataset/run1",
              "All");
      assertThat(plan.partitionOf(4)).isEqualTo(new Partition(4, "run1", List.of("r2"), 0, -1));
      assertThat(plan.partitionOf(5)).isNull();
      assertThat(plan.datasetOf(6)).isEqualTo(dataset("empty", "mc"));
      assertThat(plan.datasetOf(8)).isNull();
      assertThat(plan.localIndexOf(6)).isEqualTo(1);
      assertThat(plan.stageOf(6).id()).isEqualTo("PerDataset");
      assertThat(plan.routeOf(6)).isSameAs(plan.stage("PerDataset").route());
    }

    @Test
    void withoutDataAStageIsOneTask() {
      Plan plan = plan(Workflow.builder().stage("A").build(), LOCAL);
      assertThat(plan.stage("A").scope()).isEqualTo(Scope.GLOBAL);
      assertThat(plan.taskCount()).isEqualTo(1);
      assertThat(plan.partitionCount()).isZero();
    }

    @Test
    void scopesThatNeedDataAreErrorsWithout() {
      assertThat(messages(Workflow.builder().stage("A").scope(Scope.DATASET).build()))
          .containsExactly("stage A.scope: scope dataset needs data, and the workflow has none;"
              + " add data.datasets, or leave the scope out");
    }

    @Test
    void appliesToSelectsByAttributeNameAndList() {
      Plan plan = plan(
          workflow
              .stage("Mc")
              .appliesTo(Map.of("eventtype", "mc"))
              .stage("Run")
              .from()
              .appliesTo(Map.of("name", "run1"))
              .stage("Any")
              .from()
              .appliesTo(Map.of("eventtype", List.of("data", "mc")))
              .stage("Both")
              .appliesTo(Map.of("eventtype", "mc", "name", List.of("run1", "ttbar")))
              .build(),
          LOCAL);
      assertThat(plan.stages()).extracting(PlannedStage::taskCount).containsExactly(3, 2, 5, 3);
    }

    @Test
    void numbersAreComparedByValue() {
      Dataset year = new Dataset("y", List.of("f"), List.of(), Map.of("year", 2018L));
      for (Object wanted : List.of(2018, 2018L, 2018.0)) {
        Workflow of2018 = Workflow.builder()
            .dataset(year)
            .stage("A")
            .appliesTo(Map.of("year", wanted))
            .build();
        assertThat(plan(of2018, LOCAL).taskCount()).isEqualTo(1);
      }
    }

    @Test
    void noDatasetIsAWarning() {
      Plan plan = plan(
          workflow
              .stage("None")
              .appliesTo(Map.of("eventtype", "mcc"))
              .stage("Typo")
              .appliesTo(Map.of("evnttype", "mc"))
              .scope(Scope.GLOBAL)
              .build(),
          LOCAL);
      assertThat(plan.stage("None").taskCount()).isZero();
      assertThat(plan.stage("Typo").taskCount()).isEqualTo(1);
      assertThat(plan.warnings())
          .extracting(Problem::toString)
          .containsExactly(
              "data.datasets: dataset 'empty' has no files and makes no partition",
              "stage None.applies_to: no dataset has {eventtype=mcc}; the stage has no tasks",
              "stage Typo.applies_to: no dataset has {evnttype=mc}; the stage gathers nothing;"
                  + " did you mean 'eventtype'?");
    }

    @Test
    void filesAreGrouped() {
      Plan plan =
          plan(workflow.partitioning(new Partitioning.Files(2)).stage("A").build(), LOCAL);
      assertThat(IntStream.range(0, plan.partitionCount()).mapToObj(plan::partition))
          .containsExactly(
              new Partition(0, "ttbar", List.of("t1", "t2"), 0, -1),
              new Partition(1, "ttbar", List.of("t3"), 0, -1),
              new Partition(2, "run1", List.of("r1", "r2"), 0, -1));
    }

    @Test
    void hugeGroupsAreOnePartition() {
      Plan plan = plan(
          workflow
              .partitioning(new Partitioning.Files(Integer.MAX_VALUE))
              .stage("A")
              .build(),
          LOCAL);
      assertThat(plan.partition(0).files()).containsExactly("t1", "t2", "t3");
      assertThat(plan.partitionCount()).isEqualTo(2);
    }

    @Test
    void eventsAreCutWithinFiles() {
      Workflow byEvents = Workflow.builder()
          .dataset(new Dataset("d", List.of("a", "none", "b"), List.of(250L, 0L, 100L), Map.of()))
          .dataset(new Dataset("e", List.of("c"), List.of(1L), Map.of()))
          .partitioning(new Partitioning.Events(100))
          .stage("A")
          .build();
      Plan plan = plan(byEvents, LOCAL);
      assertThat(IntStream.range(0, plan.partitionCount()).mapToObj(plan::partition))
          .containsExactly(
              new Partition(0, "d", List.of("a"), 0, 100),
              new Partition(1, "d", List.of("a"), 100, 100),
              new Partition(2, "d", List.of("a"), 200, 50),
              new Partition(3, "d", List.of("b"), 0, 100),
              new Partition(4, "e", List.of("c"), 0, 1));
    }

    @Test
    void eventsThatAreNotCountedAreAnError() {
      assertThat(messages(
              workflow.partitioning(new Partitioning.Events(10)).stage("A").build()))
          .containsExactly(
              "data.datasets: dataset 'ttbar' cannot be cut by events: it does not say how many it has;"
                  + " give nevents, one number for each file, or partition by file",
              "data.datasets: dataset 'run1' cannot be cut by events: it does not say how many it has;"
                  + " give nevents, one number for each file, or partition by file");
    }

    @Test
    void tooManyPartitionsAreAnError() {
      Dataset huge =
          new Dataset("huge", List.of("f", "g"), List.of(Long.MAX_VALUE, Long.MAX_VALUE), Map.of());
      assertThat(messages(Workflow.builder()
              .dataset(huge)
              .partitioning(new Partitioning.Events(1))
              .stage("A")
              .build()))
          .containsExactly("data.partition: dataset 'huge' makes more than 500000000 partitions;"
              + " ask for more files or events in each");
    }

    @Test
    void tooManyTasksAreAnError() {
      Dataset large = new Dataset("large", List.of("f"), List.of(400_000_000L), Map.of());
      assertThat(messages(Workflow.builder()
              .dataset(large)
              .partitioning(new Partitioning.Events(1))
              .stage("A")
              .stage("B")
              .build()))
          .singleElement()
          .asString()
          .contains("more than 500000000 tasks");
    }

    @Test
    void partitionsThatAreNotThereAreNotMade() {
      Plan plan = plan(workflow.stage("A").build(), LOCAL);
      org.assertj.core.api.Assertions.assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> plan.partition(5));
    }
  }

  @Test
  void orderIsTheAuthorsWhereNothingElseIsSaid() {
    Plan plan = plan(
        Workflow.builder()
            .stage("Plot")
            .needs("Hist")
            .stage("Other")
            .needs()
            .stage("Hist")
            .needs()
            .build(),
        LOCAL);
    assertThat(plan.stagesInOrder())
        .extracting(PlannedStage::id)
        .containsExactly("Other", "Hist", "Plot");
  }

  @Test
  void tenThousandStagesArePlannedSoon() {
    List<String> names = new ArrayList<>();
    Workflow.Builder builder = Workflow.builder().dataset("d", "f");
    for (int i = 0; i < 10_000; i++) {
      int before = i;
      builder.stage(Stage.builder("s" + i)
          .needs(
              IntStream.range(Math.max(0, i - 5), i).mapToObj(j -> "s" + j).toArray(String[]::new))
          .require("pool" + before % 3000)
          .build());
      names.add("s" + i);
    }
    Execution.Builder execution = Execution.builder();
    for (int i = 0; i < 3000; i++) {
      execution.pool("pool" + i, pool -> pool.workers(1));
    }
    Plan plan = assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> plan(builder.build(), execution.build()));
    assertThat(plan.stagesInOrder()).extracting(PlannedStage::id).isEqualTo(names);
  }

  @Test
  void aPlanKnowsItsStagesOnly() {
    Plan plan = plan(Workflow.builder().stage("A").build(), LOCAL);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.stage("B"))
        .withMessage("the plan has no stage B");
    assertThat(plan).hasToString("Plan(workflow, 1 stage, 1 task)");
    assertThat(plan.stage("A")).hasToString("A, 1 task on [default]");
  }
}
