package dev.muster.testkit.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.testkit.EventLog;
import dev.muster.testkit.FakeBackend;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TrainingTest {
  private static final Workflow TRAINING = Workflow.builder()
      .stage("Select")
      .op("hep.select")
      .stage("Train")
      .op("custom.train")
      .require("gpu")
      .retry(new Retry(2, Duration.ZERO, "high_memory"))
      .build();

  private static final Execution SITE = Execution.builder()
      .backend("dask")
      .pool("default", pool -> pool.workers(2))
      .pool("gpu", pool -> pool.workers(1).gpus(1))
      .pool("high_memory", pool -> pool.workers(1).memory("128GB"))
      .build();

  @Test
  void trainsWithMoreMemoryIfItMust() {
    FakeBackend dask = FakeBackend.stepwise("dask"); // takes the place of the real one
    RunOptions options = RunOptions.builder().backend(dask).build();

    try (Run run = Muster.start(TRAINING, SITE, options)) {
      dask.succeed("Select", "selected events");
      assertThat(dask.start("Train")).isEqualTo("gpu-0");
      dask.fail("Train", FailureKind.OUT_OF_MEMORY, "killed");
      assertThat(dask.start("Train")).isEqualTo("high_memory-0");
      dask.succeed("Train", "a model");

      assertThat(run.await().orThrow().stage("Train").value()).isEqualTo("a model");
    }
  }

  @Test
  void survivesTheLossOfAWorker() {
    FakeBackend dask = FakeBackend.stepwise("dask");
    EventLog events = new EventLog();
    RunOptions options = RunOptions.builder().backend(dask).listener(events).build();

    try (Run run = Muster.start(TRAINING, SITE, options)) {
      dask.start("Select", "default-0");
      dask.loseWorker("default-0");
      dask.succeed("Select", "selected events");
      dask.succeed("Train", "a model");

      assertThat(run.await().succeeded()).isTrue();
    }
    assertThat(events.of(RunEvent.TaskFailed.class))
        .extracting(RunEvent.TaskFailed::kind)
        .containsExactly(FailureKind.WORKER_LOST);
  }
}
