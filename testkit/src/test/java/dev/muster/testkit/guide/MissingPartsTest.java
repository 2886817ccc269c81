package dev.muster.testkit.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import org.junit.jupiter.api.Test;

/** The snippet about missing parts in the guide. */
class MissingPartsTest {
  private static int count(String file) {
    if (file.contains("broken")) {
      throw new IllegalStateException(file + " is broken");
    }
    return 1;
  }

  @Test
  void aSumGoesOnWithoutAFile() {
    Workflow workflow = Workflow.builder()
        .dataset(Dataset.of("ttbar", "a.csv", "broken.csv", "c.csv"))
        .stage("Count", stage -> stage.run(context -> count(context.files().get(0))))
        .stage(
            "Sum",
            stage -> stage
                .scope(Scope.GLOBAL)
                .tolerate("1")
                .run(context -> context.inputs("Count").size() + " of "
                    + (context.inputs("Count").size()
                        + context.missingInputs("Count").size())))
        .build();
    try (Run run = Muster.start(workflow, Execution.local())) {
      RunResult result = run.await().orThrowUnlessIncomplete();
      assertThat(result.stage("Sum").value()).isEqualTo("2 of 3");
      assertThat(result.status()).isEqualTo(RunStatus.INCOMPLETE);
    }
  }
}
