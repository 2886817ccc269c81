package dev.muster;

import static dev.muster.RunFixture.data;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.RunEvent.TaskFailed;
import dev.muster.run.RunEvent.TaskStarted;
import dev.muster.run.RunEvent.TaskSucceeded;
import dev.muster.run.RunResult;
import dev.muster.run.TaskResult;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls of a Python process travel in groups; nothing of that is to be seen from outside. */
@Timeout(120)
class PythonGroupsTest {
  private static final int TASKS = 600;
  private static final int ODD_ONE = 400;

  @TempDir
  Path base;

  private final List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());

  /** Runs the function {@code f(n, ctx)} for each number below {@link #TASKS}. */
  private RunResult run(String source, int workers, Stage.Builder stage) throws IOException {
    Files.writeString(base.resolve("user.py"), """
        import os, pathlib, time
        HERE = pathlib.Path(__file__).parent
        def note(n):
            with open(HERE / "begun", "a") as file:
                file.write("%d\\n" % n)
        def call(ctx, **params):
            return f(ctx.partition.index, ctx)
        """ + source);
    Workflow workflow = Workflow.builder()
        .dataset(data("a", TASKS))
        .baseDirectory(base)
        .stage(stage.op("python").param("callable", "user:call").build())
        .build();
    RunOptions options = RunOptions.builder()
        .directory(base.resolve("run"))
        .keepGoing(true)
        .keepValues(true)
        .listener(events::add)
        .build();
    return Muster.run(workflow, RunFixture.workers(workers), options);
  }

  private <E extends RunEvent> List<E> events(Class<E> kind) {
    synchronized (events) {
      return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }

  private static List<Long> numbers() {
    return LongStream.range(0, TASKS).boxed().toList();
  }

  @Test
  void everyCallHasItsOwnAnswer() throws Exception {
    RunResult result = run("def f(n, ctx):\n    return n\n", 2, Stage.builder("S"));
    assertThat(result.stage("S").values()).isEqualTo(numbers());
    assertThat(events(TaskStarted.class)).hasSize(TASKS);
    assertThat(events(TaskSucceeded.class)).extracting(TaskSucceeded::task).doesNotHaveDuplicates();
    assertThat(base.resolve("run/S")).doesNotExist();
    assertThat(base.resolve("run"))
        .isDirectoryNotContaining(each -> each.getFileName().toString().startsWith(".python"));
  }

  @Test
  void aCallThatKillsItsProcessIsBlamedAndTheOthersRunAgain() throws Exception {
    RunResult result = run("""
        def f(n, ctx):
            note(n)
            if n == %d and ctx.attempt == 1:
                print("last words", flush=True)
                os._exit(7)
            return n
        """.formatted(ODD_ONE), 2, Stage.builder("S"));
    assertThat(result.stage("S").values()).isEqualTo(numbers());
    assertThat(events(TaskFailed.class)).singleElement().satisfies(failed -> {
      assertThat(failed.task()).isEqualTo(ODD_ONE);
      assertThat(failed.kind()).isEqualTo(FailureKind.WORKER_LOST);
      assertThat(failed.message()).contains("exit code 7").contains("last words");
    });
    assertThat(events(TaskSucceeded.class)).hasSize(TASKS);
    assertThat(events(TaskStarted.class)).hasSize(TASKS + 1);
    List<String> begun = Files.readAllLines(base.resolve("begun"));
    assertThat(begun).hasSize(TASKS + 1);
  }

  @Test
  void exceptionsFailTheirOwnTasks() throws Exception {
    RunResult result = run("""
        class Broken(Exception):
            def __str__(self): return None
        def f(n, ctx):
            if n % 50 == 7:
                raise Broken(n) if n % 100 == 7 else KeyError(n)
            return "x" * 200_000 if n % 50 == 8 else n
        """, 2, Stage.builder("S"));
    for (TaskResult task : result.stage("S").tasks()) {
      int n = task.task();
      if (n % 50 == 7) {
        assertThat(task.failure().kind()).isEqualTo(FailureKind.OPERATION);
        assertThat(task.failure().message()).contains(n % 100 == 7 ? "Broken" : "KeyError: " + n);
      } else {
        assertThat(task.value()).isEqualTo(n % 50 == 8 ? "x".repeat(200_000) : (Object) (long) n);
      }
    }
  }

  @Test
  void aSlowCallHoldsUpNoOther() throws Exception {
    RunResult result = run("""
        def f(n, ctx):
            if n == %d:
                deadline = time.time() + 60
                while time.time() < deadline and len(os.listdir(HERE / "done")) < %d:
                    time.sleep(0.01)
                return len(os.listdir(HERE / "done"))
            (HERE / "done").mkdir(exist_ok=True)
            (HERE / "done" / str(n)).touch()
            return n
        """.formatted(ODD_ONE, TASKS - 1), 2, Stage.builder("S"));
    assertThat(result.stage("S").values().get(ODD_ONE)).isEqualTo(TASKS - 1L);
  }

  @Test
  void eachCallHasItsOwnTime() throws Exception {
    RunResult result =
        run("""
        def f(n, ctx):
            note(n)
            if n == %d:
                ctx.log("too long")
                time.sleep(300)
            return n
        """.formatted(ODD_ONE), 2, Stage.builder("S").timeout(Duration.ofSeconds(3)));
    List<TaskResult> tasks = result.stage("S").tasks();
    assertThat(tasks).filteredOn(task -> task.failure() != null).singleElement().satisfies(task -> {
      assertThat(task.task()).isEqualTo(ODD_ONE);
      assertThat(task.failure().kind()).isEqualTo(FailureKind.TIMEOUT);
    });
    assertThat(Files.readAllLines(base.resolve("begun"))).hasSize(TASKS);
  }

  @Test
  void whatACallPrintsIsInItsOwnFolder() throws Exception {
    run("""
        import subprocess
        def f(n, ctx):
            if n % 10 == 1:
                print("said", n)
            if n % 100 == 2:
                subprocess.run(["sh", "-c", "echo child %d" % n])
            if n % 100 == 3:
                (ctx.output_dir / "made").touch()
        """, 2, Stage.builder("S"));
    try (Stream<Path> folders = Files.list(base.resolve("run/S"))) {
      assertThat(folders.count()).isEqualTo(TASKS / 10 + TASKS / 100 * 2);
    }
    assertThat(base.resolve("run/S/a.131/outputs/stdout")).hasContent("said 131");
    assertThat(base.resolve("run/S/a.102/outputs/stdout")).hasContent("child 102");
    assertThat(base.resolve("run/S/a.203/outputs/made")).exists();
    assertThat(base.resolve("run/S/a.203/outputs/stdout")).doesNotExist();
  }

  @Test
  void everyCallOfAGroupFindsTheSameSurroundings() throws Exception {
    RunResult result = run("""
        def f(n, ctx):
            mask = os.umask(0o22)
            os.umask(mask)
            seen = [os.getcwd(), mask, os.environ.get("LEFT"), list(ctx.params["list"])]
            ctx.params["list"].append(n)
            os.chdir("/")
            os.umask(0o777)
            os.environ["LEFT"] = "1"
            return seen
        """, 1, Stage.builder("S").params(Map.of("list", List.of("own"))));
    assertThat(result.stage("S").values())
        .containsOnly(result.stage("S").values().get(0));
    assertThat((List<?>) result.stage("S").values().get(0)).element(3).isEqualTo(List.of("own"));
  }

  @Test
  void aFailureThatEndsTheRunEndsItAtOnce() throws Exception {
    Files.writeString(base.resolve("user.py"), """
        import time
        def call(ctx):
            if ctx.partition.index == %d:
                raise KeyError("first")
        """.formatted(ODD_ONE));
    Workflow workflow = Workflow.builder()
        .dataset(data("a", TASKS))
        .baseDirectory(base)
        .stage("S", stage -> stage.op("python").param("callable", "user:call").retry(Retry.never()))
        .build();
    RunOptions options =
        RunOptions.builder().keepGoing(false).listener(events::add).build();
    RunResult result = Muster.run(workflow, RunFixture.workers(2), options);
    assertThat(result.succeeded()).isFalse();
    assertThat(events(TaskFailed.class)).anySatisfy(failed -> {
      assertThat(failed.task()).isEqualTo(ODD_ONE);
      assertThat(failed.message()).contains("KeyError: 'first'");
    });
    assertThat(result.stage("S").tasks()).hasSize(TASKS);
  }
}
