package dev.muster.batch.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.execution.Staging;
import dev.muster.run.ResumeExplanation;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Results of jobs are taken by a run that goes on. */
@Timeout(120)
class BatchResumeTest {
  @TempDir
  Path folder;

  private Path base;
  private Path ran;
  private long time = 1_600_000_000_500L;

  @BeforeEach
  void writeCode() throws IOException {
    base = Files.createDirectory(folder.resolve("a base: x=1"));
    ran = Files.createDirectory(folder.resolve("ran"));
    write("ops.py", """
        import pathlib, helper
        def number(x, noted, ctx):
            open(noted + "/number", "a").write("x")
            place = ctx.output_dir / "n"
            place.write_text(str(helper.n(x)))
            return place
        def large(Number, noted, ctx):
            open(noted + "/large", "a").write("x")
            return [pathlib.Path(Number).read_text()] * 60_000
        def sum(Large, Word, noted, ctx):
            open(noted + "/sum", "a").write("x")
            return {"n": Large[-1], "count": len(Large), "word": pathlib.Path(Word["word"]).read_text().strip()}
        """);
    write("helper.py", "def n(x): return x * 10\n");
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(base.resolve(name), text);
    time += 2000;
    Files.setLastModifiedTime(base.resolve(name), FileTime.fromMillis(time));
  }

  private Workflow workflow(int x, String word) {
    return Workflow.builder()
        .baseDirectory(base)
        .stage(
            "Number",
            stage -> stage
                .op("python")
                .param("callable", "ops:number")
                .param("x", x)
                .param("noted", ran.toString()))
        .stage(
            "Large",
            stage -> stage
                .op("python")
                .from("Number")
                .param("callable", "ops:large")
                .param("noted", ran.toString()))
        .stage(
            "Word",
            stage -> stage
                .op("shell")
                .scope(Scope.GLOBAL)
                .param("command", "echo x >> " + ran + "/word; echo " + word)
                .param("outputs", Map.of("word", "stdout")))
        .stage(
            "Sum",
            stage -> stage
                .op("python")
                .from("Large", "Word")
                .param("callable", "ops:sum")
                .param("noted", ran.toString()))
        .build();
  }

  private static Execution jobs(Staging staging) {
    return Execution.builder()
        .backend("batch")
        .strategy("local")
        .staging(staging)
        .build();
  }

  private List<String> ran(Workflow workflow, Staging staging, String expected) throws IOException {
    try (var all = Files.list(ran)) {
      for (Path each : all.toList()) {
        Files.delete(each);
      }
    }
    Path directory = folder.resolve("run");
    RunOptions.Builder options = Files.exists(directory)
        ? RunOptions.builder().resume(directory)
        : RunOptions.builder().directory(directory);
    try (Run run = Muster.start(workflow, jobs(staging), options.build())) {
      RunResult result = run.await().orThrow();
      assertThat(String.valueOf(result.stage("Sum").value())).isEqualTo(expected);
    }
    try (var all = Files.list(ran)) {
      return all.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }

  private ResumeExplanation explained(Workflow workflow, Staging staging) {
    RunOptions options = RunOptions.builder().resume(folder.resolve("run")).build();
    return Muster.explainResume(Muster.plan(workflow, jobs(staging), options), options);
  }

  private static String sum(int n, String word) {
    return "{n=" + n + ", count=60000, word=" + word + "}";
  }

  @ParameterizedTest
  @EnumSource(Staging.class)
  void resultsOfJobsAreTaken(Staging staging) throws IOException {
    assertThat(ran(workflow(3, "w"), staging, sum(30, "w")))
        .containsExactly("large", "number", "sum", "word");
    ResumeExplanation told = explained(workflow(3, "w"), staging);
    assertThat(told.runs() + told.runsIfChanged()).as("" + told).isZero();
    assertThat(ran(workflow(3, "w"), staging, sum(30, "w"))).isEmpty();

    assertThat(ran(workflow(3, "v"), staging, sum(30, "v"))).containsExactly("sum", "word");
    write("helper.py", "def n(x): return 11 * x\n");
    told = explained(workflow(3, "v"), staging);
    assertThat(told.stages().get(0).reasons())
        .containsExactly(Map.entry("code changed: " + base.resolve("helper.py"), 1));
    assertThat(ran(workflow(3, "v"), staging, sum(33, "v"))).hasSize(4);
    assertThat(ran(workflow(3, "v"), staging, sum(33, "v"))).isEmpty();
    Files.delete(folder.resolve("run/Number/outputs/n"));
    assertThat(ran(workflow(3, "v"), staging, sum(33, "v")))
        .as("nothing needs it")
        .isEmpty();
  }
}
