package dev.muster.internal.rundir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.error.MusterException;
import dev.muster.execution.Execution;
import dev.muster.plan.Plan;
import dev.muster.plan.PlanFormat;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordedPlanTest {
  @TempDir
  Path run;

  @Test
  void readsAPlanOfManyStages() throws IOException {
    Workflow.Builder builder = Workflow.builder().name("many");
    for (int i = 0; i < 12_000; i++) {
      String[] needs = i == 0 ? new String[0] : new String[] {"S" + (i - 1)};
      builder.stage("S" + i, stage -> stage.op("custom.op").needs(needs));
    }
    Plan plan = Muster.plan(builder.build(), Execution.local());
    Path file = run.resolve("plan.yaml");
    try (Writer writer = Files.newBufferedWriter(file)) {
      plan.write(PlanFormat.YAML, writer);
    }
    assertThat(Files.size(file)).isGreaterThan(3 << 20); // more than a YAML reader takes by default
    RecordedPlan read = RecordedPlan.read(run);
    assertThat(read.workflow()).isEqualTo("many");
    assertThat(read.stages()).hasSize(12_000);
    assertThat(read.stages().get(11_999).id()).isEqualTo("S11999");
    assertThat(read.stages().get(11_999).after()).containsExactly("S11998");
    assertThat(read.stages().get(0).tasks()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "just text", "[1, 2]", "workflow: w\nstages: none\n", "workflow: [x]\n"})
  void refusesWhatIsNoPlan(String text) throws IOException {
    Files.writeString(run.resolve("plan.yaml"), text);
    assertThatThrownBy(() -> RecordedPlan.read(run))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("plan.yaml is not the plan of a run");
  }

  @Test
  void saysWhatCannotBeRead() throws IOException {
    assertThatThrownBy(() -> RecordedPlan.read(run))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("cannot read the plan of the run");
    Files.writeString(run.resolve("plan.yaml"), "stages: [{id: A");
    assertThatThrownBy(() -> RecordedPlan.read(run))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("is not the plan of a run");
  }
}
