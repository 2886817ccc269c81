package dev.muster.internal.rundir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import dev.muster.internal.rundir.RunOwner.Life;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunClaimTest {
  private static final RunOwner ME = RunOwner.here(Instant.EPOCH);

  @TempDir
  Path run;

  private void owner(String name, RunOwner owner) throws IOException {
    Files.writeString(run.resolve(name), owner.text());
  }

  /** Leaves a run whose process is gone. */
  private void killed() throws Exception {
    RunClaim claim = RunClaim.first(run);
    assertThat(claim.controller()).isEqualTo(1);
    owner("owner", dead());
  }

  private static RunOwner dead() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("sleep", "0").start();
    process.waitFor();
    return new RunOwner(ME.host(), ME.boot(), ME.space(), process.pid(), 1, Instant.EPOCH);
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(run)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aNewRunNamesItsProcessUntilItIsReleased() throws IOException {
    RunClaim claim = RunClaim.first(run);
    assertThat(files()).containsExactly("format", "journal", "owner");
    RunOwner owner = RunClaim.owner(run);
    assertThat(owner).isNotNull();
    assertThat(owner.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(owner.life()).isEqualTo(Life.ALIVE);
    assertThat(RunLayout.version(run)).isEqualTo(RunLayout.VERSION);
    assertThat(claim.lost()).isNull();
    claim.release();
    claim.release();
    assertThat(RunClaim.owner(run)).isNull();
    assertThat(files()).containsExactly("format", "journal");
    assertThatThrownBy(() -> RunClaim.first(run)).isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void theNextControllerHasAJournalOfItsOwn() throws IOException {
    RunClaim.first(run).release();
    RunClaim second = RunClaim.next(run, false);
    assertThat(second.controller()).isEqualTo(2);
    assertThat(second.journal()).isEqualTo(run.resolve("journal.2")).isEmptyFile();
    assertThat(RunClaim.owner(run)).isNotNull();
    second.release();
    assertThat(RunClaim.next(run, false).journal()).hasFileName("journal.3");
  }

  @Test
  void refusesARunWhoseProcessLives() throws IOException {
    RunClaim first = RunClaim.first(run);
    for (boolean takeOver : new boolean[] {false, true}) {
      assertThatThrownBy(() -> RunClaim.next(run, takeOver))
          .isInstanceOf(MusterException.class)
          .hasMessageContaining("is under way: process " + ME.pid() + " of host " + ME.host());
    }
    assertThat(first.lost()).isNull();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void takesOverFromADeadProcessOfThisHostAndBoot() throws Exception {
    killed();
    RunClaim next = RunClaim.next(run, false);
    assertThat(next.controller()).isEqualTo(2);
    assertThat(files()).containsExactly("format", "journal", "journal.2", "owner.2");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anotherProcessWithTheSameIdIsNotTheOwner() throws Exception {
    killed();
    RunOwner reused =
        new RunOwner(ME.host(), ME.boot(), ME.space(), ME.pid(), ME.start() - 1, Instant.EPOCH);
    owner("owner", reused);
    assertThat(reused.life()).isEqualTo(Life.DEAD);
    assertThat(RunClaim.next(run, false).controller()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "boot", "space"})
  void refusesAnotherHostByNameUnlessToldToTakeOver(String part) throws Exception {
    killed();
    String node = part.equals("host") ? "node7\u001b[2J" : ME.host();
    owner(
        "owner",
        new RunOwner(
            node,
            part.equals("boot") ? "another" : ME.boot(),
            part.equals("space") ? "pid:[1]" : ME.space(),
            ME.pid(),
            ME.start(),
            Instant.parse("2026-01-31T10:00:00Z")));
    assertThatThrownBy(() -> RunClaim.next(run, false))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("process " + ME.pid() + " of host "
            + (part.equals("host") ? "node7\\u001B[2J" : ME.host()))
        .hasMessageContaining("since 2026-01-31T10:00:00Z")
        .hasMessageContaining("--take-over");
    assertThat(files()).containsExactly("format", "journal", "owner");
    assertThat(RunClaim.next(run, true).controller()).isEqualTo(2);
  }

  @Test
  void whoWasTakenOverNoticesIt() throws Exception {
    RunClaim first = RunClaim.first(run);
    owner("owner", new RunOwner("node7", "b", "", 1, 1, Instant.EPOCH));
    RunClaim second = RunClaim.next(run, true);
    assertThat(first.lost()).contains("another process has taken over the run " + run);
    first.release();
    assertThat(second.lost()).isNull();
    assertThat(files()).contains("owner.2").doesNotContain("owner");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "host=a\npid=1", "nonsense\n", "host=a\npid=x\nstart=1\n"})
  void anOwnerThatIsNotWholeIsNotTakenForDead(String text) throws IOException {
    RunClaim first = RunClaim.first(run);
    Files.writeString(run.resolve("owner"), text);
    assertThatThrownBy(() -> RunClaim.next(run, false))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("was not written to its end");
    assertThat(RunClaim.next(run, true).controller()).isEqualTo(2);
    assertThat(first.lost()).isNotNull();
  }

  @Test
  void ofManyThatGoOnAtTheSameTimeOneDoes() throws Exception {
    killed();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Integer>> tries = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        tries.add(() -> {
          try {
            return RunClaim.next(run, false).controller();
          } catch (MusterException e) {
            assertThat(e).hasMessageContaining("is under way");
            return 0;
          }
        });
      }
      List<Integer> won = new ArrayList<>();
      for (Future<Integer> end : threads.invokeAll(tries)) {
        won.add(end.get());
      }
      assertThat(won).containsOnlyOnce(2).containsOnly(0, 2);
      assertThat(files()).containsExactly("format", "journal", "journal.2", "owner.2");
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void refusesWhatIsNoRunDirectoryAndLaterVersions() throws IOException {
    assertThatThrownBy(() -> RunClaim.next(run, true))
        .hasMessageContaining("is not the directory of a run");
    RunClaim.first(run).release();
    Files.writeString(run.resolve("format"), "muster run directory 2\n");
    assertThatThrownBy(() -> RunClaim.next(run, true))
        .hasMessageContaining("written by a later Muster")
        .hasMessageContaining("version 2")
        .hasMessageContaining("up to 1");
    Files.writeString(run.resolve("format"), "png\u001b[2J\n");
    assertThatThrownBy(() -> RunClaim.next(run, true)).hasMessageContaining("'png\\u001B[2J'");
  }

  @Test
  void readsRunsOfBeforeThereWereVersions() throws IOException {
    Files.createFile(run.resolve("journal"));
    assertThatThrownBy(() -> RunLayout.version(run)).isInstanceOf(MusterException.class);
    Files.createFile(run.resolve("plan.yaml"));
    assertThat(RunLayout.version(run)).isZero();
    assertThatThrownBy(() -> RunClaim.next(run, false)).hasMessageContaining("an earlier Muster");
    assertThat(RunClaim.next(run, true).controller()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"journal", "Journal.2", "owner", "owner.17", "plan.3.yaml", "FORMAT", "console"})
  void keepsItsNames(String name) {
    assertThat(RunLayout.isReserved(name)).isTrue();
    assertThat(RunLayout.isReserved("my" + name)).isFalse();
  }
}
