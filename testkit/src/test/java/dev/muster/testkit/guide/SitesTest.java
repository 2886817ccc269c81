package dev.muster.testkit.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.Site;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SitesTest {
  private static final Workflow NIGHTLY =
      Workflow.builder().stage("Sum").run(context -> 1).build();
  private static final Workflow REQUEST =
      Workflow.builder().stage("Answer").run(context -> 42).build();

  @Test
  void severalRunsShareWorkers() throws InterruptedException {
    Execution execution =
        Execution.builder().pool("default", pool -> pool.workers(4)).build();
    try (Site site = Muster.open(execution)) {
      Run nightly = site.start(NIGHTLY);
      RunOptions urgent =
          RunOptions.builder().priority(5).deadline(Duration.ofMinutes(20)).build();
      try (Run request = site.start(REQUEST, urgent)) {
        Object answer = request.await().orThrow().stage("Answer").value();
        assertThat(answer).isEqualTo(42);
      }
      nightly.await().orThrow();
      nightly.close();
      boolean ended = site.drain(Duration.ofMinutes(1));
      assertThat(ended).isTrue();
    }
  }

  @Test
  void aRunIsCancelledWithAReason() {
    CountDownLatch never = new CountDownLatch(1);
    Workflow workflow = Workflow.builder()
        .stage("Wait")
        .run(context -> {
          never.await();
          return null;
        })
        .build();
    try (Site site = Muster.open(Execution.local())) {
      Run run = site.start(workflow);
      run.cancel("the user has left");
      RunResult result = run.await();
      if (result.status() == RunStatus.CANCELLED) {
        assertThat(result.reason()).isEqualTo("the user has left");
      }
      assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
      run.close();
    }
  }
}
