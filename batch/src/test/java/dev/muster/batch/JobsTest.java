package dev.muster.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JobsTest {
  @TempDir
  Path directory;

  @Test
  void opensAStrategyByItsName() {
    Path folder = directory.resolve("new/folder");
    Map<String, @Nullable Object> config = new HashMap<>();
    config.put("walltime", "100ms");
    config.put("nothing", null);
    try (BatchSystem local = Jobs.open("local", folder, config)) {
      assertThat(folder).isDirectory();
      JobSpec spec = JobSpec.builder("job", List.of("sleep", "300"), directory).build();
      JobId job = local.submit(spec, 1).get(0);
      JobStatus status = await()
          .until(
              () ->
                  ((StatusReport.Answered) local.status(Set.of(job))).statuses().get(job),
              JobStatus::ended);
      assertThat(((JobStatus.Ended) status).end()).isEqualTo(End.WALLTIME);
    }
  }

  @Test
  void listsTheStrategiesThatThereAre() {
    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(() -> Jobs.open("locl", directory, Map.of()))
        .withMessageContaining("there is no strategy named 'locl'")
        .withMessageContaining("local");
  }

  @Test
  void saysWhatIsWrongWithItsFolderAndOptions() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> Jobs.open("local", file.resolve("below"), Map.of()))
        .withMessageContaining(file.toString());
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> Jobs.open("local", directory, Map.of("walltime", "soon")))
        .withMessageContaining("walltime");
  }
}
