package dev.muster.batch.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobEndTest {
  @ParameterizedTest
  @CsvSource({
    "OUT_OF_MEMORY, 137, true, OUT_OF_MEMORY, 137",
    "WALLTIME, 143, true, WALLTIME,",
    "PREEMPTED,, true, PREEMPTED,",
    "CANCELLED,, true, WORKER_LOST,",
    "NODE_LOST,, true, WORKER_LOST,",
    "LOST,, true, WORKER_LOST,",
    "SUCCEEDED, 0, true, WORKER_LOST,",
    "FAILED, 7, true, WORKER_LOST, 7",
    "FAILED, 127, false, ENVIRONMENT, 127",
    "FAILED, 79, false, ENVIRONMENT, 79",
    "FAILED, 72, false, WORKER_LOST, 72",
    "FAILED, 137, false, WORKER_LOST, 137"
  })
  void tellsTheKindOfFailure(
      End end, Integer code, boolean begun, FailureKind kind, Integer exitCode) {
    TaskFailure failure = JobEnd.of(new JobStatus.Ended(end, code, null), "job 1", begun, true, "");
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.exitCode()).isEqualTo(exitCode);
  }

  @Test
  void tellsItInTheBatchSystemsWordsWithTheLog() {
    JobStatus.Ended ended = new JobStatus.Ended(End.OUT_OF_MEMORY, 137, "oom-kill");
    assertThat(JobEnd.of(ended, "job 1", false, true, "\nstderr:\n  x").message())
        .isEqualTo("job 1 ran out of memory (exit code 137; oom-kill) before its task began"
            + "\nstderr:\n  x");
  }

  @Test
  void tellsThatNothingHasComeBack() {
    JobStatus.Ended ended = new JobStatus.Ended(End.SUCCEEDED, 0, null);
    assertThat(JobEnd.of(ended, "job 1", false, false, "").message())
        .isEqualTo("job 1 ended (exit code 0), and nothing has come back of it");
  }
}
