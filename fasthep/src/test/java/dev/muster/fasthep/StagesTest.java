package dev.muster.fasthep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.error.WorkflowException;
import dev.muster.fasthep.FastHepPlan.PlanPartition;
import dev.muster.fasthep.FastHepPlan.When;
import dev.muster.fasthep.FastHepPlan.Wish;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StagesTest {
  private static final Wish GPU = Nodes.require("gpu");

  @Test
  void makesTheStagesOfARecordedPlan() {
    Workflow workflow = workflow(setting(false), Answers.plan("tiny_toy"));

    assertThat(workflow.stages())
        .extracting(Stage::id)
        .containsExactly(
            "shared",
            "read.numbers",
            "Split",
            "Pair",
            "merge",
            "EachSet",
            "datasets",
            "AtEnd",
            "products");
    assertThat(workflow.stages())
        .extracting(Stage::scope)
        .containsExactly(
            Scope.GLOBAL,
            Scope.PARTITION,
            Scope.PARTITION,
            Scope.PARTITION,
            Scope.DATASET,
            Scope.DATASET,
            Scope.GLOBAL,
            Scope.GLOBAL,
            Scope.GLOBAL);
    Stage split = workflow.stage("Split");
    assertThat(split.requirement()).isEqualTo(Requirement.require("big"));
    assertThat(split.timeout()).isEqualTo(Duration.ofMinutes(1));
    assertThat(split.params())
        .containsEntry("plan", "plan")
        .containsEntry("nodes", List.of("stage.Split"))
        .containsEntry("offsets", Map.of("one", 0, "two", 2))
        .containsEntry("compatible", false);
    assertThat(workflow.stage("Pair").from())
        .containsExactly(
            new StageInput("shared", "values", "input_0"),
            new StageInput("read.numbers", "values", "input_1"),
            new StageInput("Split", "values", "input_2"));
    assertThat(workflow.stage("products").backend()).isEqualTo("local");
    assertThat(workflow.stage("products").params()).containsEntry("outdir", null);
    assertThat(workflow.stage("EachSet").params()).containsEntry("node", "stage.EachSet");
    assertThat(workflow.stage("EachSet").from())
        .containsExactly(
            new StageInput("merge", "store", "store"),
            new StageInput("shared", "values", "shared"));
    assertThat(workflow.stage("AtEnd").from())
        .containsExactly(
            new StageInput("datasets", "sink_0", "store"),
            new StageInput("datasets", "tree", "tree"));
  }

  @Test
  void aChainIsCalledLikeItsFirstStage() {
    Workflow workflow = workflow(setting(false), Answers.plan("tiny_hep"));

    assertThat(workflow.stages())
        .extracting(Stage::id)
        .containsExactly(
            "Lead",
            "merge",
            "datasets",
            "render.Cut.0",
            "render.LeadHist.0",
            "products",
            "report.prov");
  }

  @Test
  void eachPartitionOfFastHepIsAFileOfItsDataset() {
    Workflow workflow = workflow(setting(false), Answers.plan("tiny_toy"));

    assertThat(workflow.datasets())
        .containsExactly(
            new Dataset(
                "one",
                List.of("toy://one", "toy://one"),
                List.of(),
                Map.of("eventtype", "mc", "group", "one")),
            new Dataset(
                "two",
                List.of("toy://two", "toy://two"),
                List.of(),
                Map.of("eventtype", "data", "group", "two")));
  }

  @Test
  void partitionsThatRepeatEventsRunOnceUnlessItIsToBeCompatible() {
    FastHepPlan plan = Answers.plan("join");

    assertThat(workflow(setting(false), plan).datasets().get(0).files()).hasSize(1);
    assertThat(workflow(setting(true), plan).datasets().get(0).files()).hasSize(2);
  }

  @Test
  void whatDoesNotApplyEverywhereIsOptionalForItsReaders() {
    FastHepPlan plan = new Nodes()
        .source("s")
        .onlyE("b", GPU, "s")
        .transform("c", Nodes.require("big"), "b")
        .plan();
    Workflow workflow = workflow(setting(false), plan);

    assertThat(workflow.stage("b").appliesTo()).isEqualTo(Map.of("name", List.of("e")));
    assertThat(workflow.stage("c").from())
        .containsExactly(
            new StageInput("s", "values", "input_0"),
            new StageInput("b", "values", "input_1").asOptional());
    assertThat(workflow.stage("merge").from())
        .contains(new StageInput("b", "edge", "edge_1").asOptional());
  }

  @Test
  void anOrderWithoutAValueIsANeed() {
    FastHepPlan plan = new Nodes().source("s").transform("g", GPU, "s!").plan();

    assertThat(workflow(setting(false), plan).stage("g").needs()).containsExactly("s");
    assertThat(workflow(setting(false), plan).stage("g").from()).isEmpty();
  }

  @Test
  void aPlanWithoutPartitionsHasNoMerge() {
    FastHepPlan plan =
        new Nodes().transform("a", Wish.NONE).sink("end", When.RUN_END, "a").plan(List.of());
    Workflow workflow = workflow(setting(false), plan);

    assertThat(workflow.stages())
        .extracting(Stage::id)
        .containsExactly("a", "datasets", "end", "products");
    assertThat(workflow.stage("a").scope()).isEqualTo(Scope.GLOBAL);
    assertThat(workflow.datasets()).isEmpty();
    assertThat(workflow.stage("products").from())
        .containsExactly(
            new StageInput("a", "edge", "edge_0"),
            new StageInput("a", "tree", "tree_1"),
            new StageInput("datasets", "rest", "rest"),
            new StageInput("datasets", "tree", "tree"),
            new StageInput("end", "edge", "edge_4"),
            new StageInput("end", "tree", "tree_5"));
  }

  @Test
  void takenNamesGetANumber() {
    FastHepPlan plan =
        new Nodes().source("merge").transform("products", GPU, "merge").plan();

    assertThat(workflow(setting(false), plan).stages())
        .extracting(Stage::id)
        .containsExactly("merge_2", "products_2", "merge", "datasets", "products");
  }

  @Test
  void hooksWithAStateNeedOneChain() {
    Nodes nodes = new Nodes().source("s").transform("g", GPU, "s").hook("my.timer", true);

    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(() -> workflow(setting(false), nodes.plan()))
        .withMessageContaining("'my.timer'")
        .withMessageContaining("'s', 'g'");
    Nodes one = new Nodes().source("s").transform("a", Wish.NONE, "s").hook("my.timer", true);
    assertThat(workflow(setting(false), one.plan()).stages()).hasSize(4);
  }

  @Test
  void hooksOfTheEndAndOfNodesAreRefused() {
    Nodes nodes = new Nodes().source("s").hookOfTheEnd("my.book");

    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(() -> workflow(setting(false), nodes.plan()))
        .withMessageContaining("'my.book' listens to before_node and run_end")
        .withMessageContaining("write it twice");
  }

  @Test
  void manyPartitionsAreMergedInATree() {
    Workflow workflow = workflow(
        setting(false),
        new Nodes().source("s").transform("a", Wish.NONE, "s").plan(partitions("d", 32 * 32 + 1)));

    assertThat(workflow.stages())
        .extracting(Stage::id)
        .containsExactly("s", "merge_32", "merge_1024", "merge", "datasets", "products");
    assertThat(workflow.stage("merge_32").block()).isEqualTo(32);
    assertThat(workflow.stage("merge_32").from())
        .containsExactly(new StageInput("s", "edge", "edge_0"));
    assertThat(workflow.stage("merge_1024").from())
        .containsExactly(new StageInput("merge_32", "part", "parts"));
    assertThat(workflow.stage("merge").from())
        .containsExactly(new StageInput("merge_1024", "part", "parts"));
    assertThat(workflow.stage("merge").block()).isZero();
  }

  @Test
  void fewPartitionsAreMergedAtOnce() {
    Workflow workflow = workflow(setting(false), new Nodes().source("s").plan(partitions("d", 32)));

    assertThat(workflow.stages())
        .extracting(Stage::id)
        .containsExactly("s", "merge", "datasets", "products");
  }

  @Test
  void manyDatasetsAreMergedInGroupsUnlessItIsToBeCompatible() {
    List<PlanPartition> partitions = new ArrayList<>();
    for (int i = 0; i < 33; i++) {
      partitions.addAll(partitions("d" + i, 1));
    }
    Nodes nodes = new Nodes().source("s");
    Workflow workflow = workflow(setting(false), nodes.plan(partitions));

    assertThat(workflow.stages())
        .extracting(Stage::id)
        .containsExactly("s", "merge", "datasets_1", "datasets_2", "datasets", "products");
    assertThat(workflow.stage("datasets_2").appliesTo()).isEqualTo(Map.of("name", List.of("d32")));
    assertThat(workflow(setting(true), nodes.plan(partitions)).stages())
        .extracting(Stage::id)
        .containsExactly("s", "merge", "datasets", "products");
  }

  @Test
  void aSinkThatReadsAWriterGetsItsFiles() {
    Workflow workflow = workflow(
        setting(false),
        new Nodes()
            .source("s")
            .sink("w", When.PARTITION_END, "s")
            .sink("set", When.DATASET_END, "w")
            .sink("end", When.RUN_END, "set", "w")
            .report("r")
            .plan());

    assertThat(workflow.stage("set").from()).contains(new StageInput("s", "tree", "tree_1"));
    assertThat(workflow.stage("end").from())
        .contains(new StageInput("set", "tree", "tree_2"), new StageInput("s", "tree", "tree_3"));
    assertThat(workflow.stage("report.r").from())
        .containsExactly(new StageInput("products", "report", "told"));
  }

  private static List<PlanPartition> partitions(String dataset, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new PlanPartition(dataset + i, dataset, i + ".root", false))
        .toList();
  }

  @Test
  void variationsThatAreCutAlikeShareTheirDatasets() {
    List<PlanPartition> partitions = List.of(new PlanPartition("p", "d", "a", false));
    Nodes nodes = new Nodes().source("s");
    Workflow workflow =
        workflow(setting(false), nodes.plan("nominal", partitions), nodes.plan("up", partitions));

    assertThat(workflow.stages())
        .extracting(Stage::id)
        .containsExactly(
            "nominal.s",
            "nominal.merge",
            "nominal.datasets",
            "nominal.products",
            "up.s",
            "up.merge",
            "up.datasets",
            "up.products");
    assertThat(workflow.datasets()).hasSize(1);
    assertThat(workflow.stage("up.s").params())
        .containsEntry("plan", "up")
        .doesNotContainKey("names");
  }

  @Test
  void variationsThatAreCutOtherwiseHaveDatasetsOfTheirOwn() {
    Nodes nodes = new Nodes().source("s");
    FastHepPlan nominal = nodes.plan("nominal", List.of(new PlanPartition("p", "d", "a", false)));
    FastHepPlan other = nodes.plan("other", List.of(new PlanPartition("p", "d", "b", false)));
    Workflow workflow = workflow(setting(false), nominal, other);

    assertThat(workflow.datasets())
        .extracting(Dataset::name)
        .containsExactly("nominal.d", "other.d");
    Stage stage = workflow.stage("other.s");
    assertThat(stage.appliesTo()).isEqualTo(Map.of("name", List.of("other.d")));
    assertThat(stage.params())
        .containsEntry("names", Map.of("other.d", "d"))
        .containsEntry("offsets", Map.of("other.d", 1));
    assertThat(workflow.stage("other.merge").appliesTo())
        .isEqualTo(Map.of("name", List.of("other.d")));
  }

  @Test
  void whatRunsOnThisHostIsTriedAgainHere() {
    Retry retry = new Retry(2, Duration.ofSeconds(1), "big");
    Workflow workflow = workflow(setting(false, retry), Answers.plan("tiny_hep"));

    assertThat(workflow.stages()).extracting(Stage::backend).contains("local").containsNull();
    assertThat(workflow.stages())
        .allSatisfy(stage -> assertThat(stage.retry())
            .isEqualTo(
                stage.backend() == null ? retry : new Retry(2, Duration.ofSeconds(1), null)));
  }

  private static Stages.Setting setting(boolean compatible) {
    return setting(compatible, Retry.never());
  }

  private static Stages.Setting setting(boolean compatible, Retry retry) {
    return new Stages.Setting(
        "w.yaml",
        compatible,
        null,
        Path.of("/out"),
        null,
        false,
        retry,
        List.of(),
        stage -> null,
        report -> null);
  }

  private static Workflow workflow(Stages.Setting setting, FastHepPlan... plans) {
    Workflow.Builder workflow = Workflow.builder().registry(Stages.REGISTRY);
    Data data = new Data(List.of(plans), setting.compatible());
    data.datasets().forEach(workflow::dataset);
    for (FastHepPlan plan : plans) {
      String prefix = plans.length > 1 ? plan.name() + "." : "";
      String last = new Stages(setting, plan, data, prefix).addTo(workflow, null);
      assertThat(last)
          .startsWith(prefix)
          .isEqualTo(workflow
              .build()
              .stages()
              .get(workflow.build().stages().size() - 1)
              .id());
    }
    return workflow.build();
  }
}
