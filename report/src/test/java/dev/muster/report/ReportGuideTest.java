package dev.muster.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportGuideTest {
  @TempDir
  private Path folder;

  @Test
  void writesReports() throws Exception {
    Path run = folder.resolve("run");
    Workflow workflow = Workflow.builder()
        .stage("Fit", stage -> stage.op("fit").run(context -> 1))
        .build();
    try (Run started = Muster.start(
        workflow, Execution.local(), RunOptions.builder().directory(run).build())) {
      started.await();
    }

    Path page = Report.write(run); // run/report.html
    Report.write(run, folder.resolve("a copy.html"));

    assertThat(page).isNotEmptyFile().hasFileName("report.html");
    assertThat(folder.resolve("a copy.html")).isNotEmptyFile();
  }
}
