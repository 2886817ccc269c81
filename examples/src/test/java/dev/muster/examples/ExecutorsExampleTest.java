package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutorsExampleTest {
  @TempDir
  Path folder;

  @Test
  void threeExecutorsPassTheirResultsOn() throws Exception {
    WorkflowFile file = Workflows.fromYaml(Path.of("workflows/executors.yaml"));
    RunOptions options = RunOptions.builder()
        .directory(folder.resolve("the run"))
        .keepValues(true)
        .build();
    try (Run run = Muster.start(file, options)) {
      RunResult result = run.await().orThrow();
      Map<?, ?> outputs = (Map<?, ?>) result.stage("Summarise").value();
      Map<?, ?> summary = (Map<?, ?>) outputs.get("value");
      assertThat(summary.get("count")).isEqualTo(1000L);
      // The mean life of muons in microseconds, and its half-life: 1,000 decays know it to 3 %.
      assertThat((Double) summary.get("mean")).isCloseTo(2.197, within(0.35));
      assertThat((Double) summary.get("median")).isCloseTo(1.523, within(0.35));
    }
    List<String> sorted = Files.readAllLines(folder.resolve("the run/Sort/outputs/value"));
    assertThat(sorted).hasSize(1000);
    assertThat(sorted.stream().map(Double::valueOf)).isSorted();
  }
}
