package dev.muster.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.execution.Execution;
import dev.muster.run.RunResult;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Workflow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ModifierGuideTest {
  static final class Timing implements ModifierHooks {
    @Override
    public @Nullable Object aroundNode(OperationContext context, Operation operation)
        throws Exception {
      long start = System.nanoTime();
      try {
        return operation.run(context);
      } finally {
        context.diagnostic("millis", (System.nanoTime() - start) / 1_000_000);
      }
    }
  }

  @Test
  void notesHowLongTheCommandTook() {
    Workflow workflow = Workflow.builder()
        .modifier("timing", new Timing())
        .stage("Fit")
        .op("shell")
        .param("command", "sleep 0.01")
        .modifier("timing")
        .build();

    RunResult result = Muster.run(workflow, Execution.local()).orThrow();

    Object millis = result.stage("Fit").tasks().get(0).diagnostics().get("millis");
    assertThat((Long) millis).isGreaterThanOrEqualTo(10);
  }
}
