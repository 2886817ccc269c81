package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Execution;
import dev.muster.run.ResumeExplanation;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Python code counts by the files that were imported. */
@Timeout(120)
class ResumePythonTest {
  @TempDir
  Path base;

  private long time = 1_600_000_000_500L;
  private Execution execution = RunFixture.workers(1);

  @BeforeEach
  void writeCode() throws IOException {
    write("first.py", """
        import os, helper
        def call(x, ctx):
            with open(os.path.join(os.path.dirname(__file__), "ran"), "a") as file:
                file.write("first ")
            return {"n": helper.n(x), "folder": str(ctx.output_dir)}
        """);
    write("helper.py", "def n(x): return x * 10\n");
    write("second.py", """
        import os
        def call(First):
            with open(os.path.join(os.path.dirname(__file__), "ran"), "a") as file:
                file.write("second ")
            if First["n"] > 90:
                import late
                return late.VALUE
            return First["n"] + 1
        """);
    write("late.py", "VALUE = 7\n");
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(base.resolve(name), text);
    time += 2000;
    Files.setLastModifiedTime(base.resolve(name), FileTime.fromMillis(time));
  }

  private Workflow workflow(int x) {
    return Workflow.builder()
        .baseDirectory(base)
        .stage(
            "First", stage -> stage.op("python").param("callable", "first:call").param("x", x))
        .stage("Second", stage -> stage.op("python").from("First").param("callable", "second:call"))
        .build();
  }

  private String ran(Workflow workflow, boolean resume, Object expected) throws IOException {
    Files.deleteIfExists(base.resolve("ran"));
    Path directory = base.resolve("run");
    RunOptions.Builder options =
        resume ? RunOptions.builder().resume(directory) : RunOptions.builder().directory(directory);
    try (Run run = Muster.start(workflow, execution, options.build())) {
      RunResult result = run.await().orThrow();
      assertThat(result.stage("Second").value()).isEqualTo(expected);
    }
    return Files.exists(base.resolve("ran"))
        ? Files.readString(base.resolve("ran")).strip()
        : "";
  }

  private List<String> reasons(Workflow workflow, int stage) {
    RunOptions options = RunOptions.builder().resume(base.resolve("run")).build();
    ResumeExplanation told =
        Muster.explainResume(Muster.plan(workflow, execution, options), options);
    return List.copyOf(told.stages().get(stage).reasons().keySet());
  }

  @Test
  void codeThatWasImportedCounts() throws IOException {
    assertThat(ran(workflow(3), false, 31L)).isEqualTo("first second");
    assertThat(ran(workflow(3), true, 31L)).isEmpty();

    write("helper.py", "def n(x):\n    return 10 * x\n");
    assertThat(reasons(workflow(3), 0))
        .containsExactly("code changed: " + base.resolve("helper.py"));
    // The process of the first task ran the second, too: what it had imported may count for both.
    assertThat(ran(workflow(3), true, 31L)).startsWith("first");
    assertThat(ran(workflow(3), true, 31L)).isEmpty();

    write("helper.py", "def n(x): return 11 * x\n");
    assertThat(ran(workflow(3), true, 34L)).isEqualTo("first second");

    write("late.py", "VALUE = 8\n");
    assertThat(ran(workflow(3), true, 34L)).as("nothing has imported it").isEmpty();
    assertThat(ran(workflow(9), true, 8L)).isEqualTo("first second");
    write("late.py", "VALUE = 9\n");
    assertThat(ran(workflow(9), true, 9L)).endsWith("second");
    assertThat(ran(workflow(9), true, 9L)).isEmpty();
  }

  @Test
  void codeThatWasWrittenWhileItRanIsNotCertain() throws IOException {
    Files.setLastModifiedTime(
        base.resolve("helper.py"), FileTime.fromMillis(System.currentTimeMillis() + 60_000));
    assertThat(ran(workflow(3), false, 31L)).isEqualTo("first second");
    assertThat(reasons(workflow(3), 0).get(0)).startsWith("code may have changed while it ran");
    assertThat(ran(workflow(3), true, 31L)).isNotEmpty();
  }

  @Test
  void anotherInterpreterBehindTheSameNameCounts() throws IOException {
    write("first.py", """
        import os
        def call(x, ctx):
            with open(os.path.join(os.path.dirname(__file__), "ran"), "a") as file:
                file.write("first ")
            return {"n": x, "set": {1, 2}} # a pickle, which another version may not read
        """);
    Path link = base.resolve("interpreter");
    Files.createSymbolicLink(link, Path.of("/usr/bin/python3"));
    execution =
        RunFixture.workers(1).toBuilder().config("python", link.toString()).build();
    assertThat(ran(workflow(3), false, 4L)).isEqualTo("first second");
    assertThat(ran(workflow(3), true, 4L)).isEmpty();

    Path other = base.resolve("other");
    Files.writeString(other, "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n");
    assertThat(other.toFile().setExecutable(true)).isTrue();
    Files.delete(link);
    Files.createSymbolicLink(link, other);
    assertThat(reasons(workflow(3), 0)).containsExactly("the settings of Python changed");
    assertThat(ran(workflow(3), true, 4L)).isEqualTo("first second");
    assertThat(ran(workflow(3), true, 4L)).isEmpty();

    Files.writeString(other, "#!/bin/sh\nexec /usr/bin/python3 -E \"$@\"\n");
    assertThat(reasons(workflow(3), 1)).containsExactly("the settings of Python changed");
  }

  @Test
  void whatOnlyPythonCanHoldIsKept() throws IOException {
    write("first.py", """
        import collections, os
        Point = collections.namedtuple("Point", "x y")
        def call(x, ctx):
            with open(os.path.join(os.path.dirname(__file__), "ran"), "a") as file:
                file.write("first ")
            return {"point": Point(x, 2), "set": {1, 2}}
        """);
    write("second.py", """
        import os
        def call(First, more):
            with open(os.path.join(os.path.dirname(__file__), "ran"), "a") as file:
                file.write("second ")
            assert First["set"] == {1, 2}
            return First["point"].x + more
        """);
    assertThat(ran(objects(1), false, 4L)).isEqualTo("first second");
    assertThat(ran(objects(1), true, 4L)).isEmpty();
    assertThat(ran(objects(2), true, 5L)).isEqualTo("second");
  }

  private Workflow objects(int more) {
    return Workflow.builder()
        .baseDirectory(base)
        .stage(
            "First", stage -> stage.op("python").param("callable", "first:call").param("x", 3))
        .stage(
            "Second",
            stage -> stage
                .op("python")
                .from("First")
                .param("callable", "second:call")
                .param("more", more))
        .build();
  }
}
