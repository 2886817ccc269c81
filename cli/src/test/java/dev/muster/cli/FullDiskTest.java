package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.RunJournal;
import dev.muster.cli.SmallDisk.Said;
import dev.muster.run.RunEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs whose disk gets full, or is. */
@EnabledOnOs(OS.LINUX)
class FullDiskTest {
  private static final String FULL = "No space left on device; free some space";

  @TempDir
  Path folder;

  private SmallDisk small;

  @BeforeEach
  void disk() throws IOException {
    small = new SmallDisk(folder, "1m");
  }

  /** Writes a workflow with a stage that writes more than the disk takes, after one that does not. */
  private void workflow(int partitions) throws IOException {
    List<String> files = IntStream.range(0, partitions).mapToObj(i -> "f" + i).toList();
    for (String file : files) {
      Files.createFile(folder.resolve(file));
    }
    Files.writeString(folder.resolve("w.yaml"), """
        name: full
        data:
          datasets:
            - {name: a, files: %s}
        analysis:
          stages:
            - {id: First, op: shell, scope: global, params: {command: "echo well"}}
            - {id: Fill, op: shell, needs: [First], params: {command: "head -c 3000000 /dev/zero > x"}}
        """.formatted(files));
  }

  private List<RunEvent> journal() {
    List<RunEvent> events = RunJournal.read(small.kept().resolve("run"));
    assertThat(events).first().isInstanceOf(RunEvent.RunStarted.class);
    assertThat(events)
        .filteredOn(RunEvent.TaskSucceeded.class::isInstance)
        .map(event -> ((RunEvent.TaskSucceeded) event).name())
        .containsExactly("First");
    return events;
  }

  @Test
  void aTaskThatFillsTheDiskOfTheRunDirectorySaysSo() throws Exception {
    workflow(1);
    Said said = small.java(false, folder, Main.class, "run", "w.yaml", "-d", "small/run");
    assertThat(said.exitCode()).as(said.text()).isEqualTo(1);
    Path outputs = small.disk().resolve("run/Fill/a.0/outputs");
    assertThat(said.text())
        .contains("full failed after", "of 2 tasks 1 done, 1 failed")
        .contains("Fill/a.0 failed on default", "the command failed with exit code 1")
        .contains(outputs + ": " + FULL);
    assertThat(journal()).isNotEmpty();
  }

  @Test
  void aRunWhoseJournalNoLongerFitsEndsAndSaysSo() throws Exception {
    workflow(100); // each failure takes some hundred bytes of the journal
    Said said = small.java(false, folder, Main.class, "run", "w.yaml", "-k", "-d", "small/run");
    assertThat(said.exitCode()).as(said.text()).isEqualTo(1);
    assertThat(said.text())
        .contains("full failed after")
        .contains("cannot write to the run directory " + small.disk().resolve("run") + ": " + FULL);
    assertThat(journal()).noneMatch(RunEvent.RunFinished.class::isInstance);
  }

  @Test
  void aRunDirectoryOnADiskThatIsFullIsRefused() throws Exception {
    workflow(1);
    Said said = small.java(true, folder, Main.class, "run", "w.yaml", "-d", "small/run");
    assertThat(said.exitCode()).as(said.text()).isEqualTo(1);
    assertThat(said.text())
        .contains("cannot write to the run directory " + small.disk().resolve("run") + ": " + FULL)
        .doesNotContain("Exception");
  }

  @Test
  void aTaskThatFillsTheDiskOfTemporaryFilesSaysSo() throws Exception {
    workflow(1);
    Said said = small.java(false, small.disk(), Embedding.class, "w.yaml");
    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(said.text())
        .startsWith("FAILED")
        .containsPattern(small.disk() + "/muster-[0-9]+/Fill/a.0/outputs: " + FULL);
    assertThat(small.kept()).isEmptyDirectory();
  }

  @Test
  void aRunWhoseTemporaryFilesHaveNoSpaceFromTheStartSaysSo() throws Exception {
    workflow(1);
    Said said = small.java(true, small.disk(), Embedding.class, "w.yaml");
    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(said.text())
        .startsWith("FAILED")
        .containsPattern(small.disk() + "/muster-[0-9]+/First/outputs[^:]*: " + FULL);
    assertThat(small.kept()).isDirectoryContaining("glob:**/filled");
  }
}
