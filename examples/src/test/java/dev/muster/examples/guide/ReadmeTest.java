package dev.muster.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.workflow.Workflow;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadmeTest {
  record Index(List<Integer> events) {
    static Index build() {
      return new Index(List.of(1, 2, 3));
    }
  }

  record Model(double score) {
    static Model train(Index index) {
      return new Model(index.events().size() / 4.0);
    }
  }

  @Test
  void runsAWorkflowInThisJvm() {
    Workflow workflow = Workflow.builder()
        .stage("BuildIndex")
        .run(context -> Index.build())
        .require("high_memory")
        .stage("TrainModel")
        .run(context -> Model.train(context.input("BuildIndex", Index.class)))
        .require("gpu")
        .retries(2)
        .build();

    try (Run run = Muster.start(workflow, Execution.local())) {
      RunResult result = run.await().orThrow();
      System.out.println(result.stage("TrainModel").value());
    }

    RunResult again = Muster.run(workflow, Execution.local());
    assertThat(again.stage("TrainModel").value()).isEqualTo(new Model(0.75));
  }
}
