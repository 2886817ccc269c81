package dev.muster.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.execution.Execution;
import dev.muster.run.RunResult;
import dev.muster.workflow.Workflow;
import org.junit.jupiter.api.Test;

class OperationGuideTest {
  private static String train(String index) {
    return "a model of " + index;
  }

  @Test
  void passesOutputsOn() {
    Workflow workflow = Workflow.builder()
        .operation("custom.train", context -> train(context.input("BuildIndex", String.class)))
        .stage("BuildIndex")
        .op("shell")
        .param("command", "echo 3 muons")
        .stage("TrainModel")
        .op("custom.train")
        .stage("Report")
        .run(context -> context.input("TrainModel") + " is ready")
        .build();

    RunResult result = Muster.run(workflow, Execution.local()).orThrow();

    assertThat(result.stage("Report").value()).isEqualTo("a model of 3 muons is ready");
  }
}
