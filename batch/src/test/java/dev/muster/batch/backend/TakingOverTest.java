package dev.muster.batch.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.batch.OtherJvm;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that outlive the process of their run, and the process that goes on. */
@Timeout(120)
class TakingOverTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir
  Path base;

  private final List<String> notices = new CopyOnWriteArrayList<>();

  /** Runs the workflow in a process of its own. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      Path base = Path.of(arguments[0]);
      try (Run run = Muster.start(
          workflow(base, 1),
          jobs(),
          options(base).directory(base.resolve("run")).build())) {
        run.await().orThrow();
      }
    }
  }

  private static RunOptions.Builder options(Path base) {
    return RunOptions.builder().plugin(new ScriptedQueue(base.resolve("queue")));
  }

  private static Execution jobs() {
    return Execution.builder()
        .backend("batch")
        .strategy("scripted")
        .config("poll_interval", "200ms")
        .pool("default", pool -> pool.workers(4))
        .build();
  }

  private static Workflow workflow(Path base, int x) {
    return Workflow.builder()
        .baseDirectory(base)
        .stage(
            "Waits", stage -> stage.op("python").param("callable", "ops:wait").param("x", x))
        .build();
  }

  @BeforeEach
  void write() throws IOException {
    Files.createDirectory(base.resolve("queue"));
    code("return x");
    Files.setLastModifiedTime(base.resolve("ops.py"), FileTime.fromMillis(1_600_000_000_500L));
  }

  private void code(String last) throws IOException {
    Files.writeString(base.resolve("ops.py"), """
        import time
        def wait(x, ctx):
            with open(ctx.base_dir / "began", "a") as file:
                file.write("x")
            while not (ctx.base_dir / "go").exists():
                time.sleep(0.05)
            with open(ctx.base_dir / "ended", "a") as file:
                file.write("x")
            LAST
        """.replace("LAST", last));
  }

  @AfterEach
  void end() throws Exception {
    go();
    try (var all = Files.list(base.resolve("queue"))) {
      for (Path each : all.filter(file -> file.toString().endsWith(".pid")).toList()) {
        long pid = Long.parseLong(Files.readString(each).strip());
        await().atMost(LIMIT).until(() -> ProcessHandle.of(pid).isEmpty());
      }
    }
  }

  private void go() throws IOException {
    Files.writeString(base.resolve("go"), "");
  }

  private void killed() throws Exception {
    Process process = OtherJvm.start(Program.class, Map.of(), base.resolve("log"), base.toString());
    Path record = base.resolve("run/debug/batch/jobs.jsonl");
    await()
        .atMost(LIMIT)
        .until(() -> Files.exists(base.resolve("began"))
            && Files.readString(record).contains("\"submitted\""));
    process.destroyForcibly().waitFor();
  }

  private Run resume(int x) {
    Run run = Muster.start(
        workflow(base, x),
        jobs(),
        options(base)
            .resume(base.resolve("run"))
            .listener(event -> {
              if (event instanceof RunEvent.Notice notice) {
                notices.add(notice.message());
              }
            })
            .build());
    return run;
  }

  private void ends(Run run, int x, int submissions) throws IOException {
    try (run) {
      RunResult result = run.await().orThrow();
      assertThat(result.stage("Waits").value()).isEqualTo((long) x);
    }
    assertThat(Files.readAllLines(base.resolve("queue/submitted"))).hasSize(submissions);
  }

  private void awaitNotice(String text) {
    await().atMost(LIMIT).until(() -> notices.stream().anyMatch(each -> each.contains(text)));
  }

  /** Takes the note away that the batch system took the jobs. */
  private void forgetAnswer() throws IOException {
    Path record = base.resolve("run/debug/batch/jobs.jsonl");
    String all = Files.readString(record);
    Files.writeString(record, all.substring(0, all.lastIndexOf("\n{") + 9)); // in the middle
    assertThat(Files.readString(record)).doesNotContain("\"jobs\"");
  }

  @Test
  void aJobThatGoesOnIsTakenOver() throws Exception {
    killed();
    Run run = resume(1);
    awaitNotice("they are taken over");
    go();
    ends(run, 1, 1);
    assertThat(base.resolve("ended")).hasContent("x");
    assertThat(RunJobs.of(base.resolve("run")).list()).isEmpty();
  }

  @Test
  void aJobWhoseAnswerNobodyHeardIsFoundByItsTag() throws Exception {
    killed();
    forgetAnswer();
    Files.writeString(base.resolve("queue/away"), "");
    Run run = resume(1);
    awaitNotice("it is not known whether jobs of an earlier process");
    Files.delete(base.resolve("queue/away"));
    go();
    ends(run, 1, 1);
    assertThat(base.resolve("ended")).hasContent("x");
  }

  @Test
  void whatAJobGaveMeanwhileIsRead() throws Exception {
    killed();
    forgetAnswer();
    go();
    await().atMost(LIMIT).until(() -> Files.exists(base.resolve("ended")));
    ends(resume(1), 1, 1);
    assertThat(base.resolve("began")).hasContent("x");
  }

  @Test
  void aJobWhoseTaskHasChangedIsEndedFirst() throws Exception {
    killed();
    Run run = resume(2);
    awaitNotice("what they make has changed");
    await().atMost(LIMIT).until(() -> Files.readString(base.resolve("began")).equals("xx"));
    go();
    ends(run, 2, 2);
    assertThat(base.resolve("ended")).hasContent("x");
  }

  @Test
  void aResultOfCodeThatHasChangedDoesNotCount() throws Exception {
    killed();
    code("return x + 0 * 2");
    go();
    ends(resume(1), 1, 2);
    assertThat(base.resolve("ended")).hasContent("xx");
  }

  @Test
  void cancelEndsWhatWasTakenOver() throws Exception {
    killed();
    try (Run run = resume(1)) {
      awaitNotice("they are taken over");
      run.cancel();
      assertThat(run.await().status().name()).isEqualTo("CANCELLED");
    }
    assertThat(base.resolve("ended")).doesNotExist();
    assertThat(RunJobs.of(base.resolve("run")).list()).isEmpty();
  }
}
