package dev.muster;

import static dev.muster.RunFixture.run;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.muster.error.MusterException;
import dev.muster.run.RunEvent;
import dev.muster.run.RunState;
import dev.muster.run.RunSummary;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RunsTest {
  @TempDir
  Path folder;

  private Path finished(String name, boolean good) {
    Path directory = folder.resolve(name);
    Workflow workflow = Workflow.builder()
        .name("w-" + name)
        .stage("A")
        .run(context -> {
          if (!good) {
            throw new IOException("disk trouble");
          }
          return "x".repeat(100_000);
        })
        .build();
    assertThat(
            run(workflow, workers(1), RunOptions.builder().directory(directory)).succeeded())
        .isEqualTo(good);
    return directory;
  }

  private static RunState state(Path run) {
    return Runs.of(run).state();
  }

  /** Takes the last lines of a journal away, as a kill does. */
  private static void cut(Path run, int lines) throws IOException {
    Path journal = run.resolve("journal");
    List<String> all = Files.readAllLines(journal);
    Files.write(journal, all.subList(0, all.size() - lines));
  }

  private static void owner(Path run, String host, long pid) throws IOException {
    Files.writeString(
        run.resolve("owner"),
        "host=" + host + "\nboot=b\nspace=\npid=" + pid
            + "\nstart=1\nsince=2026-01-31T10:00:00Z\n");
  }

  @Test
  void tellsHowEachRunStandsTheNewestFirst() throws IOException {
    Path good = finished("good", true);
    Path bad = finished("bad", false);
    Path away = finished("away", true);
    cut(away, 1);
    owner(away, "node7", 4711);
    Files.createDirectory(folder.resolve("no run"));
    Files.writeString(folder.resolve("no run/plan.yaml"), "plan: 1\n");
    Files.writeString(folder.resolve("file"), "journal");
    List<RunSummary> runs = Runs.list(folder);
    assertThat(runs).extracting(RunSummary::directory).containsExactly(away, bad, good);
    assertThat(runs)
        .extracting(RunSummary::state)
        .containsExactly(RunState.ELSEWHERE, RunState.FAILED, RunState.SUCCEEDED);
    assertThat(runs.get(0).host()).isEqualTo("node7");
    assertThat(runs.get(0).pid()).isEqualTo(4711);
    assertThat(runs.get(2).workflow()).isEqualTo("w-good");
    assertThat(runs.get(2).tasks()).isEqualTo(1);
    assertThat(runs.get(2).last()).isAfterOrEqualTo(runs.get(2).started());
  }

  @Test
  void aRunIsRunningWhileItsProcessHasIt() {
    Path directory = folder.resolve("run");
    Workflow workflow = Workflow.builder()
        .stage("Look")
        .run(context -> Runs.of(directory).state().name())
        .build();
    assertThat(run(workflow, workers(1), RunOptions.builder().directory(directory))
            .stage("Look")
            .value())
        .isEqualTo("RUNNING");
    assertThat(state(directory)).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void aRunWhoseProcessIsGoneWasKilledWhateverTheLastByte() throws Exception {
    Path run = finished("run", true);
    String before = Files.readString(run.resolve("journal"));
    Process process = new ProcessBuilder("sleep", "0").start();
    process.waitFor();
    Path mine = folder.resolve("mine");
    Workflow workflow = Workflow.builder()
        .stage("Copy")
        .run(context -> Files.readString(mine.resolve("owner")))
        .build();
    String owner = (String) run(workflow, workers(1), RunOptions.builder().directory(mine))
        .stage("Copy")
        .value();
    owner = owner.replaceFirst("pid=\\d+", "pid=" + process.pid());
    Files.writeString(run.resolve("owner"), owner);
    int end = before.lastIndexOf("{\"event\":\"RunFinished\"");
    for (int length = 0; length < before.length(); length += length < end - 50 ? 37 : 1) {
      Files.writeString(run.resolve("journal"), before.substring(0, length));
      assertThat(state(run)).as("%d bytes", length).isEqualTo(RunState.KILLED);
      List<RunEvent> read = RunJournal.read(run);
      assertThat(read).noneMatch(RunEvent.RunFinished.class::isInstance);
    }
    Files.writeString(run.resolve("journal"), before);
    assertThat(state(run)).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void theLastControllerDecidesAndItsEventsFollow() throws IOException {
    Path run = finished("run", false);
    Files.copy(finished("again", true).resolve("journal"), run.resolve("journal.2"));
    assertThat(state(run)).isEqualTo(RunState.SUCCEEDED);
    assertThat(Runs.of(run).workflow()).isEqualTo("w-again");
    assertThat(RunJournal.read(run))
        .filteredOn(RunEvent.RunFinished.class::isInstance)
        .hasSize(2);
    Files.writeString(run.resolve("journal.3"), "");
    assertThat(state(run)).isEqualTo(RunState.SUCCEEDED); // it was killed before it did anything
  }

  @Test
  void aRunWithoutEndOrOwnerFailedAndOneOfBeforeIsNotKnown() throws IOException {
    Path run = finished("run", true);
    cut(run, 1);
    assertThat(state(run)).isEqualTo(RunState.FAILED);
    assertThat(Runs.of(run).detail()).contains("its journal has no end");
    Files.delete(run.resolve("format"));
    assertThat(state(run)).isEqualTo(RunState.UNKNOWN);
    assertThat(Runs.of(run).detail()).contains("an earlier Muster");
    Path old = finished("old", true);
    Files.delete(old.resolve("format"));
    assertThat(state(old)).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void whatIsDamagedOrOfALaterVersionIsNotKnownAndSaysWhy() throws IOException {
    Path later = finished("later", true);
    Files.writeString(later.resolve("format"), "muster run directory 7\n");
    assertThat(Runs.of(later).detail()).contains("version 7");
    Path damaged = finished("damaged", true);
    Files.writeString(damaged.resolve("journal"), "nonsense\n", StandardOpenOption.APPEND);
    assertThat(Runs.of(damaged).detail()).contains("is damaged");
    Path torn = finished("torn", true);
    Files.writeString(torn.resolve("owner"), "host=");
    assertThat(Runs.of(torn).detail()).contains("not whole");
    assertThat(Runs.list(folder)).extracting(RunSummary::state).containsOnly(RunState.UNKNOWN);
  }

  @Test
  void aRunThatCannotBeReadIsListedAsUnknown() throws IOException {
    Path run = finished("run", true);
    Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("---------"));
    try {
      assumeThat(Files.isReadable(run)).as("not root").isFalse();
      assertThat(Runs.list(folder)).singleElement().satisfies(found -> {
        assertThat(found.state()).isEqualTo(RunState.UNKNOWN);
        assertThat(found.detail()).contains("permission denied");
      });
    } finally {
      Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void saysThatThereIsNoFolderOrNoRun() throws IOException {
    assertThatThrownBy(() -> Runs.list(folder.resolve("none")))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("there is no such file or folder");
    assertThatThrownBy(() -> Runs.of(folder))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("is not the directory of a run");
    assertThat(Runs.list(folder)).isEmpty();
    Files.createSymbolicLink(folder.resolve("latest"), finished("run", true));
    assertThat(Runs.list(folder)).hasSize(1);
  }
}
