package dev.muster.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.error.SourceLocation;
import dev.muster.resource.Quantities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StageTest {
  private static final Operation OPERATION = context -> null;

  private static Stage.Builder full() {
    return Stage.builder("Train")
        .op("custom.train")
        .run(OPERATION)
        .param("epochs", 3)
        .needs("A", "B")
        .from(List.of(new StageInput("A", "hist", "h")))
        .scope(Scope.DATASET)
        .appliesTo(Map.of("eventtype", "mc"))
        .prefer("gpu", "default")
        .timeout("2h")
        .retry(new Retry(2, Duration.ofSeconds(10), "high_memory"))
        .modifier("profile")
        .backend("local")
        .executor("night")
        .environment(StageEnvironment.builder().image("root:6").build());
  }

  static List<Consumer<Stage.Builder>> changes() {
    return List.of(
        stage -> stage.op("other"),
        stage -> stage.run(context -> 1),
        stage -> stage.param("epochs", 4),
        stage -> stage.params(Map.of()),
        stage -> stage.needs(),
        stage -> stage.from("A"),
        stage -> stage.scope(Scope.GLOBAL),
        stage -> stage.appliesTo(Map.of()),
        stage -> stage.require("gpu"),
        stage -> stage.prefer("gpu"),
        stage -> stage.requirement(Requirement.none()),
        stage -> stage.timeout(Duration.ofSeconds(1)),
        stage -> stage.retries(1),
        stage -> stage.modifiers(List.of()),
        stage -> stage.backend("dask"),
        stage -> stage.executor("day"),
        stage -> stage.environment(environment -> environment.image("root:7")));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void lastCallWinsAndEachPropertyCounts(Consumer<Stage.Builder> change) {
    Stage.Builder changed = full();
    change.accept(changed);
    Stage once = changed.build();
    change.accept(changed);
    assertThat(changed.build().requirement()).isEqualTo(once.requirement());
    assertThat(once).isNotEqualTo(full().build());
  }

  @Test
  void toBuilderGivesAnEqualStage() {
    Stage stage = full().location(new SourceLocation("f", 1, 2)).build();
    assertThat(stage.toBuilder().build()).isEqualTo(stage).hasSameHashCodeAs(stage);
    assertThat(stage.toBuilder().build().location()).isEqualTo(stage.location());
    assertThat(stage.toBuilder("Other").build().id()).isEqualTo("Other");
  }

  @Test
  void placeInAFileDoesNotCount() {
    assertThat(full().location(new SourceLocation("f", 1, 2)).build())
        .isEqualTo(full().build());
  }

  @Test
  void theBuiltStageDoesNotChangeWithItsBuilder() {
    Stage.Builder builder = full();
    Stage stage = builder.build();
    builder.param("more", 1).modifier("diagnostics");
    assertThat(stage.toBuilder().param("more", 1).modifier("diagnostics").build())
        .isNotEqualTo(stage);
    assertThat(stage).isEqualTo(full().build());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> stage.params().clear());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> stage.modifiers().clear());
  }

  @Test
  void parametersAreCopiedDeeply() {
    List<Object> cuts = new ArrayList<>(List.of("pt > 20"));
    Map<String, Object> params = new HashMap<>(Map.of("cuts", cuts));
    Stage stage = Stage.builder("S").params(params).build();
    cuts.add("eta < 2");
    params.put("x", 1);
    assertThat(stage.params()).isEqualTo(Map.of("cuts", List.of("pt > 20")));
  }

  @Test
  void operationIsNamedAfterTheStageUnlessSaid() {
    assertThat(Stage.builder("shell").build().op()).isEqualTo("shell");
  }

  @Test
  void absentIsNotEmpty() {
    Stage stage = Stage.builder("S").build();
    assertThat(stage.needs()).isNull();
    assertThat(stage.from()).isNull();
    assertThat(Stage.builder("S").needs().build().needs()).isEmpty();
  }

  @Test
  void rejectsAModifierTwice() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Stage.builder("S").modifier("a").modifier("b").modifier("a").build())
        .withMessage("stage S has the modifier a twice");
  }

  @Test
  void rejectsBlankNames() {
    assertThatIllegalArgumentException().isThrownBy(() -> Stage.builder(" "));
    assertThatIllegalArgumentException().isThrownBy(() -> Stage.builder("S").op(""));
    assertThatIllegalArgumentException().isThrownBy(() -> Stage.builder("S").require(""));
    assertThatIllegalArgumentException().isThrownBy(() -> Stage.builder("S").prefer("gpu", " "));
    assertThatIllegalArgumentException().isThrownBy(() -> Modifier.of(""));
    assertThatIllegalArgumentException().isThrownBy(() -> StageInput.of(""));
  }

  @Test
  void rejectsTimeoutsThatAreNotPositive() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Stage.builder("S").timeout(Duration.ZERO))
        .withMessageContaining("must be positive");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Stage.builder("S").timeout(Duration.ofSeconds(-1)));
    assertThatIllegalArgumentException().isThrownBy(() -> Stage.builder("S").timeout("soon"));
  }

  @Test
  void rejectsRetriesOutOfRange() {
    assertThatIllegalArgumentException().isThrownBy(() -> Retry.times(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> Retry.times(1001));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Retry(1, Duration.ofSeconds(-1), null));
  }

  @Test
  void inputsAreNamedByAsThenPortThenStage() {
    assertThat(new StageInput("A", "hist", "h").name()).isEqualTo("h");
    assertThat(new StageInput("A", "hist", null).name()).isEqualTo("hist");
    assertThat(StageInput.of("A").name()).isEqualTo("A");
  }

  @Test
  void environmentBuilderKeepsTheLastCall() {
    StageEnvironment environment = StageEnvironment.builder()
        .image("a")
        .image("b")
        .variable("X", "1")
        .variable("X", "2")
        .variable("Y", "3")
        .executor("LocalExecutor")
        .resources(Quantities.builder().memory("8Gi").build())
        .processOn(ProcessOn.GPU_IF_AVAILABLE)
        .extraData(Map.of("k", "v"))
        .build();
    assertThat(environment.image()).isEqualTo("b");
    assertThat(environment.variables()).isEqualTo(new Variables.Values(Map.of("X", "2", "Y", "3")));
    assertThat(environment.toBuilder().build())
        .isEqualTo(environment)
        .hasSameHashCodeAs(environment);
    assertThat(environment.toBuilder()
            .envFile(java.nio.file.Path.of(".env"))
            .build()
            .variables())
        .isEqualTo(new Variables.EnvFile(java.nio.file.Path.of(".env")));
    assertThat(StageEnvironment.none()).isEqualTo(StageEnvironment.builder().build());
  }
}
