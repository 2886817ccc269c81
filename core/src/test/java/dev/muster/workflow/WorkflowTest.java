package dev.muster.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkflowTest {
  private static final Operation NOTHING = context -> null;
  private static final ModifierHooks HOOKS = new ModifierHooks() {};

  private static Workflow.Builder full() {
    return Workflow.builder()
        .name("dimuon")
        .version("1.0")
        .dataset(
            new Dataset("ttbar", List.of("a", "b"), List.of(1L, 2L), Map.of("eventtype", "mc")))
        .partitioning(new Partitioning.Files(2))
        .registry(new Registry(Map.of("custom.train", "analysis.train:run"), Map.of()))
        .operation("hep.hist", NOTHING)
        .modifier("profile", HOOKS)
        .metadata("styles", Map.of("colour", "red"))
        .stage("A", stage -> stage.op("hep.hist").scope(Scope.DATASET));
  }

  @Test
  void theReadmesBuilderCompiles() {
    Workflow workflow = Workflow.builder()
        .stage("BuildIndex")
        .op("custom.build_index")
        .require("high_memory")
        .stage("TrainModel")
        .op("custom.train")
        .require("gpu")
        .modifier("gpu.preload")
        .stage("ProducePlots")
        .op("hep.hist")
        .build();

    assertThat(workflow.stages())
        .extracting(Stage::id)
        .containsExactly("BuildIndex", "TrainModel", "ProducePlots");
    assertThat(workflow.stage("TrainModel").requirement()).isEqualTo(Requirement.require("gpu"));
    assertThat(workflow.stage("TrainModel").modifiers())
        .containsExactly(Modifier.of("gpu.preload"));
  }

  @Test
  void bothFormsOfAStageSayTheSame() {
    Workflow chained = Workflow.builder()
        .stage("BuildIndex")
        .op("custom.build_index")
        .require("high_memory")
        .stage("ProducePlots", stage -> stage.op("hep.hist").retries(2))
        .stage("Last")
        .op("last")
        .build();
    Workflow nested = Workflow.builder()
        .stage("BuildIndex", stage -> stage.op("custom.build_index").require("high_memory"))
        .stage(
            Stage.builder("ProducePlots").op("hep.hist").retry(Retry.times(2)).build())
        .stage("Last")
        .op("last")
        .workflow()
        .build();

    assertThat(chained).isEqualTo(nested).hasSameHashCodeAs(nested);
  }

  @Test
  void toBuilderGivesAnEqualWorkflow() {
    Workflow workflow = full().build();
    assertThat(workflow).isEqualTo(full().build());
    assertThat(workflow.toBuilder().build()).isEqualTo(workflow).hasSameHashCodeAs(workflow);
  }

  @Test
  void eachPropertyCounts() {
    Workflow workflow = full().build();
    List<Workflow> others = List.of(
        full().name("other").build(),
        full().version("1").build(),
        full().dataset("more", "c").build(),
        full().partitioning(Partitioning.byFile()).build(),
        full().registry(Registry.empty()).build(),
        full().operation("other", NOTHING).build(),
        full().modifier("other", HOOKS).build(),
        full().metadata("more", 1).build(),
        full().baseDirectory(Path.of("/elsewhere")).build(),
        full().stage("B").build(),
        full().noStages().build());
    for (Workflow other : others) {
      assertThat(other).isNotEqualTo(workflow);
    }
  }

  @Test
  void lastCallWins() {
    assertThat(Workflow.builder().name("a").name("b").build().name()).isEqualTo("b");
    assertThat(full().operation("hep.hist", context -> 1).build())
        .isNotEqualTo(full().build());
  }

  @Test
  void theBuiltWorkflowDoesNotChangeWithItsBuilder() {
    Workflow.Builder builder = full();
    Workflow workflow = builder.build();
    builder.stage("B").op("b").workflow().dataset("more").metadata("x", 1).name("other");
    assertThat(workflow).isEqualTo(full().build());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> workflow.stages().clear());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> workflow.metadata().clear());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> workflow.operations().clear());
  }

  @Test
  void metadataIsCopiedDeeply() {
    Map<String, Object> section = new HashMap<>(Map.of("a", 1));
    Workflow workflow = Workflow.builder().metadata("styles", section).build();
    section.put("a", 2);
    assertThat(workflow.metadata()).isEqualTo(Map.of("styles", Map.of("a", 1)));
  }

  @Test
  void rejectsTwoStagesOfOneName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Workflow.builder().stage("A").stage("A").build())
        .withMessage("the workflow has two stages named A");
  }

  @Test
  void rejectsABlankName() {
    assertThatIllegalArgumentException().isThrownBy(() -> Workflow.builder().name(" "));
  }

  @Test
  void findsNoStageThatIsNotThere() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> full().build().stage("nope"))
        .withMessage("workflow dimuon has no stage nope");
  }

  @Test
  void rejectsDatasetsWhoseEventCountsDoNotMatch() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dataset("d", List.of("a", "b"), List.of(1L), Map.of()))
        .withMessage("dataset d has 2 files but 1 event counts");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dataset("d", List.of("a"), List.of(-1L), Map.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> Dataset.of(""));
  }

  @Test
  void rejectsEmptyPartitions() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Partitioning.Files(0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Partitioning.Events(0));
  }
}
