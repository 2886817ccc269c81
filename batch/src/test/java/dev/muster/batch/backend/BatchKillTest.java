package dev.muster.batch.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.batch.OtherJvm;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process of a run with jobs is killed at random moments, and another one goes on: what jobs have told counts.
 * {@code -Dmuster.kills=50} kills so often.
 */
@Timeout(1800)
class BatchKillTest {
  private static final int KILLS = Integer.getInteger("muster.kills", 2);
  private static final int TASKS = 8;

  @TempDir
  Path folder;

  /** Runs the workflow in a process of its own. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      run(Path.of(arguments[0]));
    }
  }

  private static Object run(Path base) {
    Path directory = base.resolve("run");
    RunOptions.Builder options = Files.exists(directory.resolve("journal"))
        ? RunOptions.builder().resume(directory)
        : RunOptions.builder().directory(directory);
    Execution jobs = Execution.builder()
        .backend("batch")
        .strategy("local")
        .pool("default", pool -> pool.workers(4))
        .build();
    try (Run run = Muster.start(workflow(base), jobs, options.build())) {
      return String.valueOf(run.await().orThrow().stage("Sum").value());
    }
  }

  private static Workflow workflow(Path base) {
    return Workflow.builder()
        .baseDirectory(base)
        .dataset(new Dataset("d", Collections.nCopies(TASKS, "f"), List.of(), Map.of()))
        .stage(
            "Square",
            stage -> stage.op("python").scope(Scope.PARTITION).param("callable", "ops:square"))
        .stage(
            "Sum",
            stage -> stage
                .op("python")
                .from("Square")
                .scope(Scope.GLOBAL)
                .param("callable", "ops:total"))
        .build();
  }

  @Test
  void goesOnAfterAKill() throws Exception {
    Random random = new Random();
    int sum = IntStream.range(0, TASKS).map(i -> i * i).sum();
    for (int left = KILLS, round = 0; left > 0; round++) {
      Path base = Files.createDirectory(folder.resolve("round-" + round));
      Files.writeString(base.resolve("ops.py"), """
          def square(ctx):
              return ctx.partition.index ** 2
          def total(Square):
              return sum(Square)
          """);
      for (int kill = 0; kill < 2 && left > 0; kill++, left--) {
        Process process =
            OtherJvm.start(Program.class, Map.of(), base.resolve("log"), base.toString());
        awaitJobs(process, base, kill + 1);
        boolean ended = process.waitFor(random.nextInt(1500), TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
        if (ended) {
          assertThat(process.exitValue())
              .as(Files.readString(base.resolve("log")))
              .isZero();
        }
      }
      Map<String, Integer> before = successes(base);
      assertThat(run(base)).isEqualTo(String.valueOf(sum));
      Map<String, Integer> after = successes(base);
      assertThat(after).hasSize(TASKS + 1);
      assertThat(after.values()).as("%s, before %s", after, before).containsOnly(1);
    }
  }

  /** Returns how often tasks have succeeded according to what their jobs have told. */
  private static Map<String, Integer> successes(Path base) throws IOException {
    Map<String, Integer> found = new HashMap<>();
    try (Stream<Path> sessions = Files.list(base.resolve("run/debug"))) {
      for (Path session :
          sessions.filter(each -> Files.exists(each.resolve(JobRecord.FILE))).toList()) {
        for (RecordedArray array : RecordedSession.read(session).arrays().values()) {
          for (int job = 0; job < array.copies(); job++) {
            Path told = session.resolve(array.number + "/" + job + ".jsonl");
            if (Files.exists(told) && Files.readString(told).contains("\"type\":\"result\"")) {
              array.tasks(job).forEach(name -> found.merge(name, 1, Integer::sum));
            }
          }
        }
      }
    }
    return found;
  }

  private static void awaitJobs(Process process, Path base, int controller) throws Exception {
    Path folder = base.resolve("run/debug/batch" + (controller == 1 ? "" : "-" + controller));
    for (int i = 0; i < 6000 && process.isAlive() && !Files.exists(folder); i++) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
