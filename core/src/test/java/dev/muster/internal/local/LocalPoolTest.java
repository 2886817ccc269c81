package dev.muster.internal.local;

import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.end;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunFixture;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers that sleep must wake when there is work: a wake-up that is lost makes a run hang. */
@Timeout(120)
class LocalPoolTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "2, 2", "3, 2", "4, 3", "8, 5"})
  void manySmallRunsAllEnd(int workers, int partitions) {
    // Gathers and scatters, so that workers run dry again and again.
    Workflow.Builder workflow = Workflow.builder().dataset(data("a", partitions));
    for (int i = 0; i < 6; i++) {
      Scope scope = i % 2 == 0 ? Scope.PARTITION : Scope.GLOBAL;
      workflow.stage("S" + i, stage -> stage.scope(scope).run(context -> null));
    }
    Plan plan = Muster.plan(workflow.build(), workers(workers));
    for (int i = 0; i < 400; i++) {
      try (Run run = Muster.start(plan, RunOptions.defaults())) {
        assertThat(end(run).succeeded()).isTrue();
      }
    }
    assertThat(RunFixture.threads()).isEmpty();
  }

  @Test
  void workThatGoesToAndFroBetweenPoolsAllEnds() {
    Execution execution = Execution.builder()
        .pool("default", pool -> pool.workers(2))
        .pool("other", pool -> pool.workers(1))
        .build();
    Workflow.Builder workflow = Workflow.builder().dataset(data("a", 3));
    for (int i = 0; i < 300; i++) {
      String pool = i % 2 == 0 ? "default" : "other";
      workflow.stage("S" + i, stage -> stage.require(pool).run(context -> null));
    }
    Plan plan = Muster.plan(workflow.build(), execution);
    for (int i = 0; i < 30; i++) {
      try (Run run = Muster.start(plan, RunOptions.defaults())) {
        assertThat(end(run).succeeded()).isTrue();
      }
    }
  }
}
