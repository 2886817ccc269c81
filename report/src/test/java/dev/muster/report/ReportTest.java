package dev.muster.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.error.MusterException;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final String HOSTILE = "</script><script>alert(1)</script>\u202E\u001B[31m&\"'";

  @TempDir
  private Path folder;

  private Path run;

  @BeforeEach
  void place() {
    run = folder.resolve("run 1");
  }

  private static Workflow.Builder workflow(String name) {
    return Workflow.builder()
        .name(name)
        .dataset(Dataset.of("d", "a", "b", "c"))
        .stage(
            "Fit",
            stage -> stage.op("fit").scope(Scope.PARTITION).run(context -> {
              if (context.partition().index() == 1) {
                throw new IllegalStateException("no fit after " + System.nanoTime() + HOSTILE);
              }
              context.diagnostic("peak_memory_bytes", 1_500_000_000L);
              return 1;
            }))
        .stage("Sum", stage -> stage.op("sum").needs("Fit").scope(Scope.GLOBAL).run(context -> 1));
  }

  private RunResult carryOut(Workflow workflow, Execution execution, RunOptions.Builder options)
      throws InterruptedException {
    try (Run started = Muster.start(workflow, execution, options.build())) {
      return started.await();
    }
  }

  private String page() throws IOException {
    return Files.readString(run.resolve(Report.NAME));
  }

  @Test
  void isThereWhenARunWithADirectoryHasEnded() throws Exception {
    RunResult result = carryOut(
        workflow("all " + HOSTILE).build(),
        Execution.local(),
        RunOptions.builder().directory(run).keepGoing(true));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(page())
        .contains("What went wrong", "no fit after", "Fit/d.1", "1.5 GB", ">failed</span></h1>")
        .contains(
            "all &lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\u202E\\u001B[31m&amp;&quot;&#39;")
        .doesNotContain("<script>alert", "\u202E", "\u001B", " src=", "<link", "@import");
    assertThat(run).isDirectoryNotContaining("glob:.report*");
  }

  @Test
  void isNotThereIfTheExecutionSaysSo() throws Exception {
    carryOut(
        workflow("w").build(),
        Execution.local().toBuilder().report(false).build(),
        RunOptions.builder().directory(run));
    assertThat(run.resolve(Report.NAME)).doesNotExist();
    assertThat(Report.write(run)).exists();
  }

  @Test
  void changesNothingOfARunIfItCannotBeWritten() throws Exception {
    Workflow workflow = Workflow.builder()
        .stage(
            "A",
            stage -> stage.op("a").run(context -> {
              Files.createDirectories(run.resolve(Report.NAME).resolve("in the way"));
              return 1;
            }))
        .build();
    RunResult result =
        carryOut(workflow, Execution.local(), RunOptions.builder().directory(run));
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(run.resolve(Report.NAME)).isDirectory();
    assertThatThrownBy(() -> Report.write(run))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("cannot write the report");
    assertThat(run).isDirectoryNotContaining("glob:.report*");
  }

  @Test
  void tellsOfARunThatWasKilled() throws Exception {
    carryOut(workflow("w").build(), Execution.local(), RunOptions.builder().directory(run));
    Path journal = run.resolve("journal");
    byte[] whole = Files.readAllBytes(journal);
    String text = new String(whole, StandardCharsets.UTF_8);
    int cut = text.indexOf("\"TaskStarted\"") + 40; // in the middle of a line
    Files.write(journal, Arrays.copyOf(whole, cut));
    Report.write(run);
    assertThat(page()).contains(">not finished</span></h1>", "the last event on record");
    Files.write(journal, new byte[0]);
    Report.write(run);
    assertThat(page()).contains(">not started</span></h1>", "Nothing is on record of it.");
  }

  @Test
  void showsTheLastProcessOfARunThatWasGoneOnWith() throws Exception {
    Workflow workflow = Workflow.builder()
        .dataset(Dataset.of("d", "a", "b", "c"))
        .stage(
            "Fit",
            stage ->
                stage.op("shell").scope(Scope.PARTITION).param("command", "test {partition} != 1"))
        .build();
    carryOut(workflow, Execution.local(), RunOptions.builder().directory(run).keepGoing(true));
    carryOut(workflow, Execution.local(), RunOptions.builder().resume(run).keepGoing(true));
    assertThat(page())
        .contains("How it went on", "<dt>of them reused</dt><dd>2</dd>")
        .containsPattern("failed, 2 tasks done, 1 failed");
  }

  @Test
  void goesWhereItIsAskedTo() throws Exception {
    carryOut(workflow("w").build(), Execution.local(), RunOptions.builder().directory(run));
    Path page = folder.resolve("a=b:c.html");
    assertThat(Report.write(run, page)).isEqualTo(page).isNotEmptyFile();
    assertThatThrownBy(() -> Report.write(run, folder.resolve("none/page.html")))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("none");
  }

  @Test
  void refusesWhatIsNoRun() throws Exception {
    assertThatThrownBy(() -> Report.write(folder))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("cannot read the plan of the run");
    Files.writeString(folder.resolve("plan.yaml"), "workflow: w\nstages: []\n");
    assertThatThrownBy(() -> Report.write(folder))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("cannot read the journal");
    Files.writeString(folder.resolve("journal"), "{\"event\":\"RunStarted\"}\n");
    assertThatThrownBy(() -> Report.write(folder))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("journal:1");
  }

  @Test
  void scriptsDoNotEndTheirElement() throws Exception {
    for (String name : List.of("chart.umd.min.js", "dagre.min.js", "page.js", "page.css")) {
      String text = new String(
          Report.class.getResourceAsStream("internal/" + name).readAllBytes(),
          StandardCharsets.UTF_8);
      assertThat(text).as(name).isNotBlank().doesNotContain("</script", "</style", "<!--");
    }
  }
}
