package dev.muster;

import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.end;
import static dev.muster.RunFixture.run;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.RunFixture.Events;
import dev.muster.error.MusterException;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RunDirectoryTest {
  @TempDir
  Path folder;

  private static Workflow writing(String stage) {
    return Workflow.builder()
        .stage(stage)
        .run(context -> Files.writeString(context.outputDirectory().resolve("out.txt"), "hello"))
        .build();
  }

  private static RunOptions.Builder into(Path directory) {
    return RunOptions.builder().directory(directory);
  }

  @Test
  void holdsPlanLogsJournalAndOutputs() {
    Path directory = folder.resolve("some/run").toAbsolutePath();
    Events events = new Events();
    RunResult result = run(
        Workflow.builder()
            .dataset(data("ttbar", 2))
            .stage("Write")
            .retries(1)
            .run(context -> {
              Path out = context.outputDirectory();
              assertThat(out).isEmptyDirectory();
              Files.writeString(out.resolve("out.txt"), "hello");
              context.log("wrote\nit");
              context.diagnostic("bytes", 5);
              if (context.attempt() == 1 && context.partition().index() == 1) {
                throw new IOException("disk trouble");
              }
              return out;
            })
            .build(),
        workers(1),
        into(directory).listener(events::add));
    assertThat(result.directory()).isEqualTo(directory);
    assertThat(result.stage("Write").values())
        .containsExactly(
            directory.resolve("Write/ttbar.0/outputs"), directory.resolve("Write/ttbar.1/outputs"));
    assertThat(directory.resolve("Write/ttbar.1/outputs/out.txt")).hasContent("hello");
    assertThat(directory.resolve("Write/ttbar.0/errors")).doesNotExist();
    assertThat(directory.resolve("Write/ttbar.1/errors"))
        .content()
        .startsWith("attempt 1 (OPERATION): IOException: disk trouble\njava.io.IOException: disk");
    assertThat(directory.resolve("plan.yaml")).isNotEmptyFile();
    assertThat(directory.resolve("logs"))
        .content()
        .contains(
            "Write/ttbar.0: wrote\n    it\n",
            "Write/ttbar.1 attempt 1 failed (OPERATION): IOException: disk trouble",
            "run succeeded after ");
    assertThat(RunJournal.read(directory)).hasToString(events.toString());
  }

  @Test
  void aRunThatIsNoLongerTheOwnerStopsAndSaysSo() throws IOException {
    Path directory = folder.resolve("run");
    RunResult result = run(
        Workflow.builder()
            .stage("Take")
            .run(context -> {
              Files.delete(directory.resolve("owner"));
              Files.writeString(directory.resolve("owner.2"), "");
              Thread.sleep(60_000); // until the run notices
              return null;
            })
            .build(),
        workers(1),
        into(directory));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(result.error())
        .isInstanceOf(MusterException.class)
        .hasMessage("another process has taken over the run " + directory.toAbsolutePath()
            + "; this one stops");
    assertThat(directory.resolve("owner.2")).exists();
  }

  @Test
  void namesItsProcessWhileItIsUnderWay() {
    Path directory = folder.resolve("run");
    RunResult result = run(
        Workflow.builder()
            .stage("Look")
            .run(context -> Files.readString(directory.resolve("owner")))
            .build(),
        workers(1),
        into(directory));
    assertThat((String) result.stage("Look").value())
        .contains("\npid=" + ProcessHandle.current().pid() + "\n");
    assertThat(directory.resolve("owner")).doesNotExist();
    assertThat(directory.resolve("format")).hasContent("muster run directory 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../x",
        "..",
        ".",
        "journal",
        "Logs",
        "plan.yaml",
        "debug",
        "a/b",
        "a\\b",
        "/etc",
        "C:x",
        "größe",
        "\uD83D\uDE00",
        "con\nrol",
        "-rf",
        "a b"
      })
  void hostileStageNamesStayInside(String stage) throws IOException {
    Path directory = folder.resolve("run");
    RunResult result = run(writing(stage), workers(1), into(directory));
    Path out = (Path) result.orThrow().stage(stage).value();
    assertThat(out.normalize()).isEqualTo(out);
    assertThat(out.getParent().getParent().getParent()).isEqualTo(directory.toAbsolutePath());
    assertThat(RunJournal.read(directory)).isNotEmpty();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(directory);
    }
  }

  @Test
  void veryLongNamesAreCutAndStayApart() {
    String common = "x".repeat(400);
    Workflow workflow = Workflow.builder()
        .stage(common + "1")
        .run(context -> context.outputDirectory())
        .stage(common + "2")
        .run(context -> context.outputDirectory())
        .build();
    RunResult result = run(workflow, workers(1), into(folder.resolve("run")).keepValues(true));
    List<Object> folders = new ArrayList<>();
    result.orThrow().stages().values().forEach(stage -> folders.add(stage.value()));
    assertThat(folders).doesNotHaveDuplicates().hasSize(2);
  }

  @Test
  void refusesADirectoryThatHoldsARun() {
    Path directory = folder.resolve("run");
    run(writing("A"), workers(1), into(directory)).orThrow();
    assertThatThrownBy(() -> run(writing("A"), workers(1), into(directory)))
        .isInstanceOf(MusterException.class)
        .hasMessage("the run directory " + directory.toAbsolutePath()
            + " holds a run already; choose another");
  }

  @Test
  void refusesAFile() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> run(writing("A"), workers(1), into(file)))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("is not a directory");
    assertThatThrownBy(() -> run(writing("A"), workers(1), into(file.resolve("below"))))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("cannot make the run directory");
  }

  @Test
  void refusesADirectoryThatCannotBeWritten() throws IOException {
    Path directory = folder.resolve("run");
    Files.createDirectories(directory.resolve("plan.yaml")); // in the way
    assertThatThrownBy(() -> run(writing("A"), workers(1), into(directory)))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("cannot write to the run directory");
    assertThat(RunFixture.threads()).isEmpty();
  }

  @Test
  void refusesADirectoryInWhichALinkHasANameOfTheRun() throws IOException {
    Path directory = Files.createDirectories(folder.resolve("run"));
    Path victim = Files.createDirectory(folder.resolve("victim"));
    Path precious = Files.writeString(victim.resolve("precious"), "");
    for (String name : List.of("plan.yaml", "logs", "A", "debug")) {
      Path link = Files.createSymbolicLink(directory.resolve(name), victim);
      assertThatThrownBy(() -> run(writing("A"), workers(1), into(directory)))
          .isInstanceOf(MusterException.class)
          .hasMessageContaining(link + " is a symbolic link")
          .hasMessageContaining("choose another folder");
      Files.delete(link);
    }
    assertThat(precious).exists();
    assertThat(directory).isEmptyDirectory();
    run(writing("A"), workers(1), into(directory));
  }

  @Test
  void anInterruptWhileLoggingHarmsNobody() {
    Path directory = folder.resolve("run");
    RunResult result = run(
        Workflow.builder()
            .dataset(data("a", 20))
            .stage("Say")
            .run(context -> {
              Thread.currentThread().interrupt();
              context.log("interrupted " + context.partition().index());
              return null;
            })
            .build(),
        workers(2),
        into(directory).listener(event -> Thread.currentThread().interrupt()));
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(directory.resolve("logs")).content().contains("interrupted 0", "interrupted 19");
    assertThat(RunJournal.read(directory)).last().isInstanceOf(RunEvent.RunFinished.class);
  }

  @Test
  void diagnosticsThatCannotBeWrittenSaySo() {
    Map<String, Object> endless = new java.util.HashMap<>();
    endless.put("self", endless);
    Path directory = folder.resolve("run");
    run(
            Workflow.builder()
                .stage("Odd")
                .run(context -> {
                  context.diagnostic("endless", endless);
                  return null;
                })
                .stage("Worse")
                .run(context -> {
                  context.diagnostic("mute", new Object() {
                    @Override
                    public String toString() {
                      throw new IllegalStateException("no text");
                    }
                  });
                  return null;
                })
                .build(),
            workers(1),
            into(directory))
        .orThrow();
    assertThat(RunJournal.read(directory).stream()
            .filter(RunEvent.TaskSucceeded.class::isInstance)
            .map(event -> String.valueOf(((RunEvent.TaskSucceeded) event).diagnostics())))
        .satisfiesExactly(
            endlessly -> assertThat(endlessly)
                .startsWith("{endless={\"self\":{\"self\":")
                .endsWith("... (a mapping of 1 entries, nested deeper than 400)}"),
            mute -> assertThat(mute)
                .matches("\\{mute=\\(a .* that cannot be read: IllegalStateException\\)}"));
  }

  @Test
  void aRunWithoutDirectoryLeavesNoFolder() {
    AtomicReference<Path> used = new AtomicReference<>();
    Workflow workflow = Workflow.builder()
        .stage("A")
        .run(context -> {
          used.set(context.outputDirectory());
          return Files.writeString(used.get().resolve("out"), "x");
        })
        .build();
    try (Run run = Muster.start(workflow, workers(1))) {
      RunResult result = end(run);
      assertThat(run.directory()).isNull();
      assertThat((Path) result.stage("A").value()).hasContent("x");
    }
    assertThat(used.get()).doesNotExist();
    assertThat(used.get().getParent().getParent()).doesNotExist();
  }
}
