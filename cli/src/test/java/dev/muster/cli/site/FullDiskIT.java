package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.RunJournal;
import dev.muster.cli.Embedding;
import dev.muster.cli.Main;
import dev.muster.cli.SmallDisk;
import dev.muster.cli.SmallDisk.Said;
import dev.muster.run.RunEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs on Dask whose disk gets full, or is. */
class FullDiskIT {
  private static final String FULL = "No space left on device; free some space";

  @TempDir
  Path folder;

  private SmallDisk small;

  @BeforeEach
  void workflow() throws IOException {
    small = new SmallDisk(folder, "2m");
    Files.writeString(folder.resolve("w.yaml"), """
        name: full
        analysis:
          stages:
            - {id: First, op: shell, params: {command: "echo well"}}
            - {id: Fill, op: shell, needs: [First], params: {command: "head -c 6000000 /dev/zero > x"}}
        execution:
          backend: dask
        """);
  }

  @Test
  void aTaskThatFillsTheDiskOfTheRunDirectorySaysSo() throws Exception {
    Said said = small.java(false, folder, Main.class, "run", "w.yaml", "-d", "small/run");
    assertThat(said.exitCode()).as(said.text()).isEqualTo(1);
    assertThat(said.text())
        .contains("full failed after", "of 2 tasks 1 done, 1 failed")
        .contains(small.disk().resolve("run/Fill/outputs") + ": " + FULL);
    assertThat(RunJournal.read(small.kept().resolve("run")))
        .filteredOn(RunEvent.TaskSucceeded.class::isInstance)
        .map(event -> ((RunEvent.TaskSucceeded) event).name())
        .containsExactly("First");
  }

  @Test
  void aTaskThatFillsTheDiskOfTemporaryFilesSaysSo() throws Exception {
    Said said = small.java(false, small.disk(), Embedding.class, "w.yaml");
    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(said.text())
        .contains("FAILED")
        .containsPattern(small.disk() + "/muster-[0-9]+/Fill/outputs: " + FULL);
    assertThat(small.kept()).isEmptyDirectory();
  }

  @Test
  void aRunWhoseTemporaryFilesHaveNoSpaceFromTheStartSaysSo() throws Exception {
    Said said = small.java(true, small.disk(), Embedding.class, "w.yaml");
    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(said.text())
        .contains("FAILED")
        .containsPattern(small.disk() + "/muster-[0-9]+[^ ]*: " + FULL);
    assertThat(small.kept()).isDirectoryContaining("glob:**/filled");
  }
}
