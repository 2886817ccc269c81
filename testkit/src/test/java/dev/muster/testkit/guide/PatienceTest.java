package dev.muster.testkit.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.testkit.FakeBackend;
import dev.muster.testkit.ManualTime;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PatienceTest {
  private static final Workflow TRAINING = Workflow.builder()
      .stage("Train")
      .op("custom.train")
      .timeout(Duration.ofHours(1))
      .retry(new Retry(1, Duration.ofMinutes(30), null))
      .build();

  @Test
  void trainsOnceMoreAfterAnHour() {
    ManualTime time = new ManualTime();
    FakeBackend backend = FakeBackend.stepwise("local");
    RunOptions options = RunOptions.builder().backend(backend).time(time).build();

    try (Run run = Muster.start(TRAINING, Execution.local(), options)) {
      backend.start("Train");
      time.advance(Duration.ofMinutes(59));
      assertThat(backend.running()).containsExactly("Train");
      assertThat(time.waits()).containsExactly(Duration.ofMinutes(1));

      time.advance(Duration.ofMinutes(1)); // its timeout
      time.advance(time.awaitNext(Duration.ofSeconds(30))); // until its next attempt
      backend.succeed("Train", "a model");

      assertThat(run.await().stage("Train").tasks().get(0).attempts()).isEqualTo(2);
    }
  }
}
