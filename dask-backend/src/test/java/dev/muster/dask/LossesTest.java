package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossesTest {
  private final FakeRun run =
      new FakeRun(FakeRun.plan(FakeRun.workflow().stage("A", s -> s.op("op"))));
  private final Losses losses = new Losses(run.sink());

  private static WorkerEnd end(End end, @Nullable Integer code) {
    return WorkerEnd.of(new JobStatus.Ended(end, code, null), () -> "\nits log");
  }

  @ParameterizedTest
  @CsvSource({
    "FAILED, 137, WORKER_LOST gone; its job ended (exit code 137)@ (137)",
    "OUT_OF_MEMORY, 250, OUT_OF_MEMORY gone; its job ran out of memory (exit code 250)@ (250)",
    "FAILED, , WORKER_LOST gone; its job ended@",
    "SUCCEEDED, 0, WORKER_LOST gone; its job ended (exit code 0)@",
    "CANCELLED, 143, WORKER_LOST gone; its job was removed (exit code 143)@",
    "WALLTIME, , WALLTIME gone; its job was out of walltime@",
    "PREEMPTED, 143, PREEMPTED gone; its job was preempted (exit code 143)@",
    "NODE_LOST, 1, WORKER_LOST gone; its job lost its machine (exit code 1)@",
  })
  void oneTaskAtHandFailsAsItsWorkerEnded(End end, @Nullable Integer code, String expected) {
    losses.add("w", 3, 1, "gone");
    losses.tell("w", end(end, code));
    assertThat(run.told()).containsExactly("failed 3/1: " + expected.replace("@", "\nits log"));
  }

  @Test
  void ofSeveralTasksNobodyKnowsWhoseTheExitCodeOrTheMemoryIs() {
    losses.add("w", 3, 1, "gone");
    losses.add("w", 4, 2, "gone too");
    losses.tell("w", end(End.OUT_OF_MEMORY, 137));
    assertThat(run.told())
        .containsExactly(
            "failed 3/1: WORKER_LOST gone; its job ran out of memory (exit code 137)\nits log",
            "failed 4/2: WORKER_LOST gone too; its job ran out of memory (exit code 137)\nits log");
  }

  @Test
  void whatWasToReadAnOutputOfTheWorkerHasNeitherItsExitCodeNorItsMemory() {
    losses.addReader("w", 4, 2, "its input is gone");
    losses.add("w", 3, 1, "gone");
    losses.tell("w", end(End.OUT_OF_MEMORY, 137));
    assertThat(run.told())
        .containsExactly(
            "failed 4/2: WORKER_LOST its input is gone; its job ran out of memory (exit code 137)\nits log",
            "failed 3/1: OUT_OF_MEMORY gone; its job ran out of memory (exit code 137)\nits log (137)");
    losses.addReader("v", 4, 2, "its input is gone");
    losses.tell("v", end(End.PREEMPTED, 143));
    assertThat(run.told())
        .contains(
            "failed 4/2: PREEMPTED its input is gone; its job was preempted (exit code 143)\nits log");
  }

  @Test
  void whatTheBatchSystemDoesNotSayIsNotTold() {
    losses.add("w", 3, 1, "gone");
    losses.tell("w", null);
    assertThat(run.told()).containsExactly("failed 3/1: WORKER_LOST gone");
  }

  @Test
  void eachLossIsToldOnceAndForItsOwnWorker() {
    losses.add("v", 1, 1, "first");
    losses.add("w", 2, 1, "second");
    losses.tell("unheard", null);
    losses.tell("v", null);
    losses.tell("v", null);
    assertThat(run.told()).containsExactly("failed 1/1: WORKER_LOST first");
    losses.tell("w", null);
    assertThat(run.told()).containsExactly("failed 2/1: WORKER_LOST second");
  }

  @Test
  void aWorkerIsAskedForOnceForWhatCameTogether() {
    losses.add("w", 1, 1, "a");
    losses.add("v", 2, 1, "b");
    losses.add("w", 3, 1, "c");
    assertThat(losses.fresh()).containsExactly("w", "v");
    assertThat(losses.fresh()).isEmpty();
    losses.add("w", 4, 1, "d");
    assertThat(losses.fresh()).containsExactly("w");
  }
}
