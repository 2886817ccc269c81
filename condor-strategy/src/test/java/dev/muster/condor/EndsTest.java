package dev.muster.condor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.JobStatus.Ended;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EndsTest {
  @ParameterizedTest
  @CsvSource({
    "34, Job has gone over cgroup memory limit of 128 megabytes, OUT_OF_MEMORY",
    "34, , OUT_OF_MEMORY",
    "34, Job has exceeded its requested disk, FAILED",
    "46, The job exceeded allowed job duration of 5, WALLTIME",
    "47, The job exceeded allowed execute duration of 5, WALLTIME",
    "26, SYSTEM_PERIODIC_HOLD: Memory usage over the limit, OUT_OF_MEMORY"
  })
  void someHoldsAreTheEnd(int code, @Nullable String reason, End end) {
    assertThat(Ends.held(code, 0, reason))
        .isInstanceOfSatisfying(Ended.class, ended -> assertThat(ended.end()).isEqualTo(end));
  }

  @ParameterizedTest
  @CsvSource({
    "1, by hand",
    "3, used too much memory",
    "13, Transfer failure",
    "26, over quota",
    "6, no such file"
  })
  void otherHoldsCanBeReleased(int code, String reason) {
    assertThat(Ends.held(code, 2, reason))
        .isEqualTo(new JobStatus.Held(reason + " (hold code " + code + ".2)"));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-, CANCELLED",
        "via condor_rm (by user somebody), CANCELLED",
        "via condor_rm (by user max_runtime), CANCELLED",
        "somebody had a reason, CANCELLED",
        "Job removed by SYSTEM_PERIODIC_REMOVE due to wall time exceeded allowed max., WALLTIME",
        "The system macro SYSTEM_PERIODIC_REMOVE expression 'RemoteWallClockTime > MaxRuntime' evaluated to TRUE, WALLTIME",
        "Job removed by SYSTEM_PERIODIC_REMOVE due to memory usage exceeding the limit, OUT_OF_MEMORY"
      })
  void aRemovalIsToldByItsReason(@Nullable String reason, End end) {
    assertThat(Ends.removed(reason, null, false)).isEqualTo(new Ended(end, null, reason));
  }

  @Test
  void aHoldThatWasTheEndExplainsTheRemoval() {
    JobStatus hold = Ends.held(34, 0, "memory");
    assertThat(Ends.removed("PeriodicRemove " + Ends.REMOVE_AFTER_WALLTIME, hold, false))
        .isEqualTo(hold);
    assertThat(Ends.removed("via condor_rm", Ends.held(1, 0, "by hand"), false).end())
        .isEqualTo(End.CANCELLED);
  }
}
