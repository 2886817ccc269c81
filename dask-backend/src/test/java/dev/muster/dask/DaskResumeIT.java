package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.ResumeExplanation;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Keep;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run on a real scheduler and real workers goes on from an earlier one. {@code Load} and {@code Scale} are a chain,
 * whose end gives objects of a class of the user's, which {@code Total} gathers; {@code Seed} and {@code Report} run in
 * this JVM.
 */
@Timeout(300)
class DaskResumeIT {
  private static final String RAN = "ran";
  private static final String OPS = """
      import kinds, os

      def note(ctx):
          number = "" if ctx.partition is None else str(ctx.partition.index)
          with open(os.path.join(ctx.base_dir, "ran"), "a") as file:
              file.write(ctx.stage + number + "\\n")

      def seed(ctx):
          note(ctx)
          return (100, {1, 2})

      def load(ctx):
          note(ctx)
          with open(os.path.join(ctx.base_dir, ctx.partition.files[0])) as file:
              return [int(file.read())]

      def scale(ctx, Load, factor, pad=0):
          note(ctx)
          if pad:
              while not os.path.exists(os.path.join(ctx.base_dir, "go")):
                  import time
                  time.sleep(0.01)
          return kinds.Number(Load[0] * factor, b"x" * 40000)

      def total(ctx, Scale, Seed, plus=0):
          note(ctx)
          assert [each.index for each in ctx.input_partitions["Scale"]] == list(range(len(Scale)))
          return (sum(each.value for each in Scale) + Seed[0] + plus, "objects")

      def report(ctx, Total, text="is"):
          note(ctx)
          assert isinstance(Total, tuple), Total
          return "%s %d" % (text, Total[0])
      """;
  private static final String KINDS = """
      class Number:
          def __init__(self, value, more):
              self.value = value
              self.more = more
      """;

  @TempDir
  Path base;

  private int factor = 2;
  private int plus;
  private int pad;
  private String text = "is";
  private long time = 1_600_000_000_500L;

  @BeforeEach
  void write() throws IOException {
    directory = base.resolve("run");
    write("ops.py", OPS);
    write("kinds.py", KINDS);
    for (int i = 0; i < 4; i++) {
      write(i + ".txt", Integer.toString(i));
    }
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(base.resolve(name), content);
    time += 2000;
    Files.setLastModifiedTime(base.resolve(name), FileTime.fromMillis(time));
  }

  private Workflow workflow() {
    return workflow(base, factor, plus, pad, text);
  }

  private static Workflow workflow(Path base, int factor, int plus, int pad, String text) {
    return Workflow.builder()
        .baseDirectory(base)
        .dataset(Dataset.of("d", "0.txt", "1.txt", "2.txt", "3.txt"))
        .stage(
            "Seed",
            s ->
                s.op("python").param("callable", "ops:seed").scope(Scope.GLOBAL).backend("local"))
        .stage("Load", s -> s.op("python").param("callable", "ops:load"))
        .stage(
            "Scale",
            s -> s.op("python")
                .from("Load")
                .param("callable", "ops:scale")
                .param("factor", factor)
                .param("pad", pad))
        .stage(
            "Lines",
            s ->
                s.op("shell").param("command", "echo Lines >> {base_dir}/ran; cat {files} | wc -c"))
        .stage(
            "Total",
            s -> s.op("python")
                .from("Scale", "Seed")
                .scope(Scope.GLOBAL)
                .param("callable", "ops:total")
                .param("plus", plus))
        .stage(
            "Report",
            s -> s.op("python")
                .from("Total")
                .scope(Scope.GLOBAL)
                .backend("local")
                .param("callable", "ops:report")
                .param("text", text))
        .build();
  }

  private static Execution execution() {
    return DaskSite.execution().pool("default", pool -> pool.workers(2)).build();
  }

  private Execution execution = execution();
  private Path directory;

  private RunOptions options() {
    return options(directory);
  }

  private static RunOptions options(Path directory) {
    return Files.exists(directory.resolve("journal"))
        ? RunOptions.builder().resume(directory).build()
        : RunOptions.builder().directory(directory).build();
  }

  /** Runs, and returns which stages ran how many tasks. */
  private Map<String, Integer> ran(String expected) throws IOException {
    Files.deleteIfExists(base.resolve(RAN));
    try (Run run = Muster.start(workflow(), execution, options())) {
      RunResult result = run.await().orThrow();
      assertThat(result.stage("Report").value()).isEqualTo(expected);
    }
    return counts();
  }

  private Map<String, Integer> counts() throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    if (Files.exists(base.resolve(RAN))) {
      for (String line : Files.readAllLines(base.resolve(RAN))) {
        counts.merge(line.replaceAll("[0-9]", ""), 1, Integer::sum);
      }
    }
    return counts;
  }

  private List<String> reasons(String stage) {
    RunOptions options = options();
    ResumeExplanation told =
        Muster.explainResume(Muster.plan(workflow(), execution, options), options);
    return told.stages().stream()
        .filter(each -> each.id().equals(stage))
        .flatMap(each -> each.reasons().keySet().stream())
        .toList();
  }

  @Test
  void whatIsAsItWasDoesNotRunAgain() throws Exception {
    assertThat(ran("is 112"))
        .isEqualTo(Map.of("Seed", 1, "Load", 4, "Scale", 4, "Lines", 4, "Total", 1, "Report", 1));
    assertThat(ran("is 112")).as("nothing has changed").isEmpty();

    text = "was";
    assertThat(ran("was 112")).as("it reads an object of Dask").isEqualTo(Map.of("Report", 1));
    plus = 1;
    assertThat(ran("was 113"))
        .as("it reads objects of an earlier run")
        .isEqualTo(Map.of("Total", 1, "Report", 1));

    write("3.txt", "5");
    assertThat(ran("was 117"))
        .as("Seed gives what it gave, which the chains of the others read")
        .isEqualTo(Map.of("Seed", 1, "Load", 1, "Scale", 1, "Lines", 1, "Total", 1, "Report", 1));
    factor = 3;
    assertThat(reasons("Scale")).containsExactly("parameter factor changed");
    assertThat(reasons("Load"))
        .containsExactly("its output stayed on its worker, and what reads it runs");
    assertThat(ran("was 125"))
        .as("three times nothing is what two times nothing was")
        .isEqualTo(Map.of("Load", 4, "Scale", 4, "Lines", 3, "Total", 1, "Report", 1));

    write("kinds.py", KINDS + "\n");
    assertThat(reasons("Total")).containsExactly("code changed: " + base.resolve("kinds.py"));
    assertThat(ran("was 125"))
        .as("the worker had imported it")
        .containsEntry("Load", 4)
        .containsEntry("Scale", 4)
        .containsEntry("Total", 1)
        .doesNotContainKey("Lines");
    assertThat(ran("was 125")).isEmpty();
  }

  @Test
  void keepsAllThatIsAskedFor() throws Exception {
    execution = execution().toBuilder().keep(Keep.ALL).build();
    ran("is 112");
    factor = 3;
    assertThat(ran("is 118"))
        .as("the outputs of Load are kept, though the worker that had them is gone")
        .isEqualTo(Map.of("Scale", 4, "Lines", 3, "Total", 1, "Report", 1));
    text = "was";
    assertThat(ran("was 118")).isEqualTo(Map.of("Report", 1));
  }

  @Test
  void takesResultsOfAnotherRun() throws Exception {
    ran("is 112");
    directory = base.resolve("other");
    execution = execution().toBuilder().reuseFrom("run").build();
    assertThat(ran("is 112")).isEmpty();
    plus = 1;
    assertThat(ran("is 113")).as("its objects too").isEqualTo(Map.of("Total", 1, "Report", 1));
    execution = execution();
    assertThat(ran("is 113")).as("it has them itself").isEmpty();
  }

  /** Runs the workflow in a process of its own. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      Path base = Path.of(arguments[0]);
      try (Run run =
          Muster.start(workflow(base, 2, 0, 1, "is"), execution(), options(base.resolve("run")))) {
        run.await().orThrow();
      }
    }
  }

  @Test
  void goesOnAfterAKill() throws Exception {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            DaskFailuresIT.classPath(),
            "-Dmuster.dask.python=" + DaskSite.python(),
            Program.class.getName(),
            base.toString())
        .redirectErrorStream(true)
        .redirectOutput(base.resolve("log").toFile())
        .start();
    try {
      for (int i = 0; i < 3000 && process.isAlive() && !counts().containsKey("Scale"); i++) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      assertThat(counts()).as(Files.readString(base.resolve("log"))).containsKey("Scale");
    } finally {
      process.destroyForcibly().waitFor();
    }
    DaskSite site = new DaskSite(base);
    for (int i = 0; i < 3000 && !site.processes().isEmpty(); i++) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    write("ops.py", OPS);
    pad = 1;
    Files.writeString(base.resolve("go"), "");
    assertThat(ran("is 112")).containsEntry("Total", 1);
    assertThat(ran("is 112")).as("nothing was left to do").isEmpty();
  }
}
