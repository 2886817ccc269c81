package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process of a run on Dask is killed at random moments, its records and its journal are cut at random bytes, and
 * another one goes on. {@code -Dmuster.kills=200} kills so often.
 */
@Timeout(7200)
class DaskResumeKillIT {
  private static final int KILLS = Integer.getInteger("muster.kills", 1);
  private static final int TASKS = 60;
  private static final String RAN = "ran";
  private static final String OPS = """
      import os, time

      def note(ctx):
          name = ctx.stage if ctx.partition is None else "%s/d.%d" % (ctx.stage, ctx.partition.index)
          with open(os.path.join(ctx.base_dir, "ran"), "a") as file:
              file.write(name + "\\n")

      def number(ctx):
          note(ctx)
          time.sleep(0.01)
          return ctx.partition.index

      def square(ctx, Number):
          note(ctx)
          time.sleep(0.01)
          path = ctx.output_dir / "n"
          path.write_text(str(Number * Number))
          return path

      def total(ctx, Square):
          note(ctx)
          return sum(int(each.read_text()) for each in Square)
      """;

  @TempDir
  Path folder;

  /** Runs the workflow in a process of its own. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      Path base = Path.of(arguments[0]);
      try (Run run = Muster.start(workflow(base), execution(), options(base))) {
        run.await().orThrow();
      }
    }
  }

  private static Execution execution() {
    return DaskSite.execution().pool("default", pool -> pool.workers(2)).build();
  }

  private static RunOptions options(Path base) {
    Path directory = base.resolve("run");
    return Files.exists(directory.resolve("journal"))
        ? RunOptions.builder().resume(directory).build()
        : RunOptions.builder().directory(directory).build();
  }

  private static Workflow workflow(Path base) {
    return Workflow.builder()
        .baseDirectory(base)
        .dataset(new Dataset("d", Collections.nCopies(TASKS, "none"), List.of(), Map.of()))
        .stage("Number", s -> s.op("python").param("callable", "kill_ops:number"))
        .stage("Square", s -> s.op("python").from("Number").param("callable", "kill_ops:square"))
        .stage(
            "Total",
            s -> s.op("python")
                .from("Square")
                .scope(Scope.GLOBAL)
                .param("callable", "kill_ops:total"))
        .build();
  }

  @Test
  void goesOnAfterAKillAtAnyMoment() throws Exception {
    Random random = new Random();
    int left = KILLS;
    for (int round = 0; left > 0; round++) {
      Path place = Files.createDirectory(folder.resolve("round-" + round));
      Files.writeString(place.resolve("kill_ops.py"), OPS);
      String what = "round " + round;
      Set<String> done = new HashSet<>();
      for (int kill = 0; kill < 2 && left > 0; kill++, left--) {
        Files.deleteIfExists(place.resolve(RAN));
        kill(place, kill + 1, random);
        awaitNoProcess(place, what);
        checkNothingAgain(place, done, what);
        done.addAll(squares(place, kill + 1));
        if (random.nextInt(3) == 0) {
          cut(files(place.resolve("run/records"), ""), random);
          cut(files(place.resolve("run"), "journal"), random);
          done.clear();
        }
      }
      Files.deleteIfExists(place.resolve(RAN));
      try (Run run = Muster.start(workflow(place), execution(), options(place))) {
        RunResult result = run.await().orThrow();
        assertThat(result.stage("Total").value())
            .as(what)
            .isEqualTo((long) (TASKS - 1) * TASKS * (2 * TASKS - 1) / 6);
      }
      checkNothingAgain(place, done, what);
      Files.deleteIfExists(place.resolve(RAN));
      RunOptions options = options(place);
      assertThat(Muster.explainResume(Muster.plan(workflow(place), execution(), options), options)
              .runs())
          .as(what + ", all is done")
          .isZero();
      awaitNoProcess(place, what);
    }
  }

  /** Starts the run's next process, and kills it before it ends, if it is fast enough. */
  private static void kill(Path place, int controller, Random random) throws Exception {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            DaskFailuresIT.classPath(),
            "-Dmuster.dask.python=" + DaskSite.python(),
            Program.class.getName(),
            place.toString())
        .redirectErrorStream(true)
        .redirectOutput(place.resolve("log").toFile())
        .start();
    Path begun =
        random.nextInt(4) == 0 ? place.resolve("run/records/" + controller) : place.resolve(RAN);
    for (int i = 0; i < 6000 && process.isAlive() && !Files.exists(begun); i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    boolean ended = process.waitFor(random.nextInt(1200), TimeUnit.MILLISECONDS);
    process.destroyForcibly().waitFor();
    if (ended) {
      assertThat(process.exitValue()).as(Files.readString(place.resolve("log"))).isZero();
    }
  }

  private static void awaitNoProcess(Path place, String what) throws Exception {
    DaskSite site = new DaskSite(place);
    for (int i = 0; i < 3000 && !site.processes().isEmpty(); i++) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    assertThat(site.processes()).as(what + ", nothing is left").isEmpty();
  }

  /** Returns the tasks of Square whose success a process's journal tells of: their outputs are kept for Total. */
  private static Set<String> squares(Path place, int controller) throws IOException {
    Pattern name = Pattern.compile("TaskSucceeded.*?\"name\":\"(Square[^\"]+)\"");
    Set<String> found = new HashSet<>();
    Path journal = place.resolve(controller == 1 ? "run/journal" : "run/journal." + controller);
    if (Files.exists(journal)) {
      name.matcher(Files.readString(journal)).results().forEach(match -> found.add(match.group(1)));
    }
    return found;
  }

  private static void checkNothingAgain(Path place, Set<String> done, String what)
      throws IOException {
    if (Files.exists(place.resolve(RAN)) && !done.isEmpty()) {
      assertThat(Files.readAllLines(place.resolve(RAN))).as(what).doesNotContainAnyElementsOf(done);
    }
  }

  private static List<Path> files(Path folder, String start) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (var all = Files.list(folder)) {
      return all.filter(each -> each.getFileName().toString().startsWith(start))
          .filter(each -> !each.endsWith("key"))
          .sorted()
          .toList();
    }
  }

  private static void cut(List<Path> files, Random random) throws IOException {
    List<Path> all = new ArrayList<>(files);
    if (!all.isEmpty()) {
      Path one = all.get(random.nextInt(all.size()));
      try (var channel = Files.newByteChannel(one, StandardOpenOption.WRITE)) {
        channel.truncate((long) (random.nextDouble() * channel.size()));
      }
    }
  }
}
