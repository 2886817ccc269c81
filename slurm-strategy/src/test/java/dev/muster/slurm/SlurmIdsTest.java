package dev.muster.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.JobId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlurmIdsTest {
  private static List<JobId> jobs(String... ids) {
    return Stream.of(ids).map(JobId::new).toList();
  }

  @Test
  void numbersTheTasksOfAnArrayFromZero() {
    assertThat(SlurmIds.tasks("7", 2)).isEqualTo(jobs("7_0", "7_1"));
  }

  @Test
  void namesManyJobsInAFewWords() {
    assertThat(SlurmIds.ranges(jobs("7_5", "7_0", "7_1", "7_2", "8_0", "9", "7_7", "7_8")))
        .containsExactly("9", "7_[0-2,5,7-8]", "8_0");
    assertThat(SlurmIds.ranges(SlurmIds.tasks("7", 100_000))).containsExactly("7_[0-99999]");
  }

  @Test
  void namesEachArrayOnce() {
    assertThat(SlurmIds.arrays(jobs("7_5", "8_1", "7_1", "9"))).containsExactly("7", "8", "9");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "7 7",
        "7_3 7_3",
        "7_[3] 7_3",
        "7_[0-2] 7_0;7_1;7_2",
        "7_[0-1,5%2] 7_0;7_1;7_5",
        "7_[0-6:3] 7_0;7_3;7_6",
        "7_[0,...] 7_0",
        "7_[3-1] ''"
      })
  void readsTheWordsForManyJobs(String word, String ids) {
    assertThat(SlurmIds.named(word)).isEqualTo(ids.isEmpty() ? List.of() : jobs(ids.split(";")));
  }

  @Test
  void aBrokenRangeFillsNoMemory() {
    assertThat(SlurmIds.named("7_[0-999999999]")).hasSizeLessThan(5_000_000);
  }
}
