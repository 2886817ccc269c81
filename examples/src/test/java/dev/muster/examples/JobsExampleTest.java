package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JobsExampleTest {
  @Test
  void runsEveryCopy(@TempDir Path directory) throws InterruptedException {
    Map<JobId, JobStatus.Ended> ends = JobsExample.run(
        "local", directory, "echo $MUSTER_JOB_INDEX; exit $((MUSTER_JOB_INDEX / 2))", 3);
    assertThat(ends).hasSize(3);
    assertThat(ends.get(new JobId("1.1"))).isEqualTo(new JobStatus.Ended(End.SUCCEEDED, 0, null));
    assertThat(ends.get(new JobId("1.2"))).isEqualTo(new JobStatus.Ended(End.FAILED, 1, null));
    assertThat(directory.resolve("out/simulate-1.2.out")).hasContent("2");
  }
}
