package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that take results of others ({@code reuse.from}), and data that a run itself has made. */
@Timeout(120)
class ResumeFromTest {
  private static final ConcurrentLinkedQueue<String> RAN = new ConcurrentLinkedQueue<>();

  @TempDir
  Path folder;

  private Path base;

  @BeforeEach
  void makeFiles() throws IOException {
    base = Files.createDirectory(folder.resolve("base"));
    write("one", "1");
    write("two", "2");
    RAN.clear();
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(base.resolve(name), text);
    Files.setLastModifiedTime(
        base.resolve(name), FileTime.fromMillis(1_600_000_000_000L + text.hashCode()));
  }

  /** Reads its files and inputs, adds its parameter, and gives a file or a text. */
  private static final class Add implements Operation {
    @Override
    public Object run(OperationContext context) throws Exception {
      String partition =
          context.partition() == null ? "" : String.valueOf(context.partition().index());
      RAN.add(context.stage().id() + partition);
      StringBuilder text = new StringBuilder().append(context.stage().params().get("x"));
      List<String> files = context.partition() == null ? List.of() : context.files();
      for (String file : files) {
        text.append('+').append(Files.readString(context.baseDirectory().resolve(file)));
      }
      for (String name : new TreeSet<>(context.inputNames())) {
        for (Object each : context.inputs(name)) {
          text.append('(')
              .append(each instanceof FileRef file ? Files.readString(file.path()) : each)
              .append(')');
        }
      }
      return context.stage().id().equals("File")
          ? FileRef.of(Files.writeString(context.outputDirectory().resolve("f"), text))
          : text.toString();
    }
  }

  private Workflow workflow(int file, int sum) {
    return Workflow.builder()
        .baseDirectory(base)
        .dataset(new Dataset("d", List.of("one", "two"), List.of(), Map.of()))
        .stage("File", stage -> stage.param("x", file).run(new Add()))
        .stage(
            "Sum",
            stage -> stage.from("File").scope(Scope.GLOBAL).param("x", sum).run(new Add()))
        .build();
  }

  private static Execution from(String... directories) {
    return RunFixture.workers(2).toBuilder().reuseFrom(directories).build();
  }

  private Set<String> ran(String run, Workflow workflow, Execution execution, String value) {
    RAN.clear();
    Path directory = folder.resolve(run);
    RunOptions.Builder options = RunOptions.builder();
    options = Files.exists(directory) ? options.resume(directory) : options.directory(directory);
    RunResult result = RunFixture.run(workflow, execution, options).orThrow();
    assertThat(result.stage("Sum").value()).isEqualTo(value);
    return new TreeSet<>(RAN);
  }

  @Test
  void takesWhatAnotherRunHasDone() throws IOException {
    Execution alone = RunFixture.workers(2);
    assertThat(ran("a", workflow(1, 1), alone, "1(1+1)(1+2)")).hasSize(3);
    assertThat(ran("b", workflow(1, 1), from("../a"), "1(1+1)(1+2)")).isEmpty();
    assertThat(ran("b", workflow(1, 1), alone, "1(1+1)(1+2)"))
        .as("its own records have what it took")
        .isEmpty();
    assertThat(ran("c", workflow(1, 2), from(folder.resolve("a").toString()), "2(1+1)(1+2)"))
        .containsExactly("Sum");
    assertThat(ran("c", workflow(1, 1), from("../b"), "1(1+1)(1+2)")).isEmpty();

    write("two", "3");
    assertThat(ran("d", workflow(1, 1), from("../a"), "1(1+1)(1+3)"))
        .containsExactly("File1", "Sum");
    Files.delete(folder.resolve("a/File/d.0/outputs/f"));
    assertThat(ran("e", workflow(1, 2), from("../a"), "2(1+1)(1+3)"))
        .as("a file is gone, another input changed")
        .containsExactly("File0", "File1", "Sum");
  }

  @Test
  void takesOfEachWhatFits() throws IOException {
    Execution alone = RunFixture.workers(2);
    ran("a", workflow(1, 1), alone, "1(1+1)(1+2)");
    write("one", "7");
    ran("b", workflow(1, 1), alone, "1(1+7)(1+2)");
    write("one", "1");
    write("two", "9");
    assertThat(ran("c", workflow(1, 1), from("../b", "../a"), "1(1+1)(1+9)"))
        .as("File0 is that of the second")
        .containsExactly("File1", "Sum");
    write("one", "7");
    write("two", "2");
    assertThat(ran("d", workflow(1, 1), from("../b", "../a"), "1(1+7)(1+2)")).isEmpty();
    assertThat(explain("d", workflow(2, 1)))
        .containsExactly("parameter x changed", "if File changes");
  }

  private Workflow texts(int unused) {
    return Workflow.builder()
        .baseDirectory(base)
        .stage("Text", stage -> stage.param("x", 1).param("unused", unused).run(new Add()))
        .stage("Sum", stage -> stage.from("Text").param("x", 2).run(new Add()))
        .build();
  }

  @Test
  void takesWhatReadsTheSameAsItDidThere() {
    Execution alone = RunFixture.workers(2);
    assertThat(ran("a", texts(1), alone, "2(1)")).hasSize(2);
    assertThat(ran("b", texts(2), from("../a"), "2(1)")).containsExactly("Text");
    assertThat(ran("b", texts(2), alone, "2(1)")).isEmpty();
  }

  @Test
  void refusesWhatIsNoRunOrIsUnderWay() throws Exception {
    assertThatThrownBy(() -> ran("b", workflow(1, 1), from("../none"), ""))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("reuse.from names")
        .hasMessageContaining("no run");
    CountDownLatch go = new CountDownLatch(1);
    Workflow waits = Workflow.builder()
        .baseDirectory(base)
        .stage(
            "Sum",
            stage -> stage.run(context -> {
              go.await();
              return 1;
            }))
        .build();
    try (Run run = Muster.start(
        waits,
        RunFixture.workers(2),
        RunOptions.builder().directory(folder.resolve("a")).build())) {
      assertThatThrownBy(() -> ran("c", workflow(1, 1), from("../a"), ""))
          .isInstanceOf(MusterException.class)
          .hasMessageContaining("is under way");
      go.countDown();
      run.await().orThrow();
    }
  }

  private Workflow made(int x) {
    return Workflow.builder()
        .baseDirectory(base)
        .dataset(new Dataset("d", List.of("made-0.txt", "made-1.txt"), List.of(), Map.of()))
        .stage(
            "Make",
            stage -> stage
                .op("shell")
                .scope(Scope.GLOBAL)
                .param("capture", "lines")
                .param(
                    "command",
                    "for i in 0 1; do echo " + x
                        + "$i > {base_dir}/made-$i.txt; echo made-$i.txt; done"))
        .stage(
            "File", stage -> stage.needs("Make").from(List.of()).param("x", 1).run(new Add()))
        .stage(
            "Sum", stage -> stage.from("File").scope(Scope.GLOBAL).param("x", 1).run(new Add()))
        .build();
  }

  private List<String> explain(String run, Workflow workflow) {
    RunOptions options = RunOptions.builder().resume(folder.resolve(run)).build();
    return Muster.explainResume(Muster.plan(workflow, RunFixture.workers(2), options), options)
        .stages()
        .stream()
        .flatMap(each -> each.reasons().keySet().stream())
        .toList();
  }

  @Test
  void dataThatTheRunMakesCountsAsTheTaskSawIt() throws IOException {
    Execution alone = RunFixture.workers(2);
    assertThat(ran("a", made(1), alone, "1(1+10\n)(1+11\n)")).hasSize(3);
    assertThat(explain("a", made(1))).isEmpty();
    assertThat(ran("a", made(1), alone, "1(1+10\n)(1+11\n)")).isEmpty();
    assertThat(ran("a", made(2), alone, "1(1+20\n)(1+21\n)"))
        .as("it is made anew, over what was there")
        .hasSize(3);
    assertThat(explain("a", made(2)))
        .as("Make may have read what was there before")
        .contains("its data changed", "Make runs");
    assertThat(ran("a", made(2), alone, "1(1+20\n)(1+21\n)")).hasSize(3);
  }
}
