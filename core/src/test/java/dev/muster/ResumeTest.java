package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import dev.muster.run.ResumeExplanation;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Scope;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ResumeTest {
  private static final ConcurrentLinkedQueue<String> RAN = new ConcurrentLinkedQueue<>();

  @TempDir
  Path folder;

  private Path base;
  private Path run;

  @BeforeEach
  void makeFolders() throws IOException {
    base = Files.createDirectory(folder.resolve("base"));
    run = folder.resolve("run");
    RAN.clear();
  }

  /** Gives its parameter x, and fails if that is told. */
  private static final class Give implements Operation {
    @Override
    public Object run(OperationContext context) {
      RAN.add(context.stage().id());
      if (Boolean.TRUE.equals(context.stage().params().get("fail"))) {
        throw new IllegalStateException("as told");
      }
      return String.valueOf(context.stage().params().get("x"))
          + context.inputNames().stream().map(context::input).toList();
    }
  }

  private Workflow workflow(Consumer<Workflow.Builder> stages) {
    Workflow.Builder workflow = Workflow.builder().baseDirectory(base);
    stages.accept(workflow);
    return workflow.build();
  }

  private RunResult first(Workflow workflow) {
    return end(workflow, RunOptions.builder().directory(run));
  }

  private RunResult resume(Workflow workflow) {
    return end(workflow, RunOptions.builder().resume(run));
  }

  private static RunResult end(Workflow workflow, RunOptions.Builder options) {
    RAN.clear();
    try (Run started = Muster.start(workflow, RunFixture.workers(2), options.build())) {
      return started.await();
    }
  }

  private ResumeExplanation explain(Workflow workflow) {
    RunOptions options = RunOptions.builder().resume(run).build();
    return Muster.explainResume(Muster.plan(workflow, RunFixture.workers(2), options), options);
  }

  private Workflow chain(int x, boolean fail) {
    return workflow(made -> made.stage("A", stage -> stage.param("x", x).run(new Give()))
        .stage("B", stage -> stage.from("A").param("fail", fail).run(new Give())));
  }

  @Test
  void goesOnAfterAFailure() {
    assertThat(first(chain(1, true)).status()).isEqualTo(RunStatus.FAILED);
    assertThat(RAN).containsExactly("A", "B");
    ResumeExplanation told = explain(chain(1, false));
    assertThat(told.reused()).isEqualTo(1);
    assertThat(told.stages().get(1).reasons()).containsExactly(Map.entry("it failed", 1));
    RunResult result = resume(chain(1, false)).orThrow();
    assertThat(RAN).containsExactly("B");
    assertThat(result.stage("B").value()).isEqualTo("null[1[]]");
    assertThat(result.stage("A").succeeded()).isEqualTo(1);
    assertThat(run.resolve("plan.1.yaml")).exists();
    assertThat(run.resolve("journal.2")).exists();
  }

  @Test
  void runsNothingWhereNothingHasChanged() {
    first(chain(1, false)).orThrow();
    RunResult result = resume(chain(1, false)).orThrow();
    assertThat(RAN).isEmpty();
    assertThat(result.stage("B").value()).isEqualTo("null[1[]]");
    ResumeExplanation told = explain(chain(1, false));
    assertThat(told.runs() + told.runsIfChanged()).isZero();
    assertThat(told.notNeeded()).isEqualTo(1);
    assertThat(told).asString().startsWith("run 0, run if what they read changes 0, reuse 1");
  }

  @Test
  void saysWhichParameterChanged() {
    first(chain(1, false)).orThrow();
    ResumeExplanation told = explain(chain(2, false));
    assertThat(told.stages().get(0).reasons()).containsExactly(Map.entry("parameter x changed", 1));
    assertThat(told.stages().get(1).reasons()).containsExactly(Map.entry("if A changes", 1));
    resume(chain(2, false)).orThrow();
    assertThat(RAN).containsExactly("A", "B");
    resume(chain(2, false)).orThrow();
    assertThat(RAN).isEmpty();
  }

  @Test
  void theOrderOfParametersAndOfTheirKeysCounts() {
    Map<String, Object> xThenY = new LinkedHashMap<>(Map.of("x", 1));
    xThenY.put("y", 2);
    Map<String, Object> yThenX = new LinkedHashMap<>(Map.of("y", 2));
    yThenX.put("x", 1);
    first(workflow(made -> made.stage("A", stage -> stage.params(xThenY).run(new Give()))))
        .orThrow();
    Workflow other =
        workflow(made -> made.stage("A", stage -> stage.params(yThenX).run(new Give())));
    assertThat(explain(other).stages().get(0).reasons())
        .containsExactly(Map.entry("the order of parameters changed", 1));

    resume(workflow(made -> made.stage("A", stage -> stage.param("x", xThenY).run(new Give()))))
        .orThrow();
    RunResult result = resume(workflow(
            made -> made.stage("A", stage -> stage.param("x", yThenX).run(new Give()))))
        .orThrow();
    assertThat(result.stage("A").value()).isEqualTo("{y=2, x=1}[]");
  }

  @Test
  void aLambdaNeverCounts() {
    Workflow workflow = workflow(made -> made.stage(
        "A",
        stage -> stage.run(context -> {
          RAN.add("A");
          return 1;
        })));
    first(workflow).orThrow();
    resume(workflow).orThrow();
    assertThat(RAN).containsExactly("A");
    assertThat(explain(workflow).stages().get(0).reasons().keySet().iterator().next())
        .contains("object of this JVM");
  }

  private Workflow shell(String command, String variable) {
    return workflow(made -> made.dataset(
            new Dataset("d", List.of("one", "two"), List.of(), Map.of()))
        .stage(
            "S",
            stage -> stage
                .op("shell")
                .scope(Scope.PARTITION)
                .environment(environment -> environment.variable("WORD", variable))
                .params(Map.of("command", command, "outputs", Map.of("out", "out.txt"))))
        .stage(
            "Join",
            stage -> stage
                .op("shell")
                .scope(Scope.GLOBAL)
                .from(List.of(new StageInput("S", "out", null)))
                .params(Map.of("command", "cat {input.out}", "capture", "text"))));
  }

  private void write(String name, String text) throws IOException {
    Path file = base.resolve(name);
    boolean there = Files.exists(file);
    Files.writeString(file, text);
    Files.setLastModifiedTime(
        file, FileTime.fromMillis(there ? 1_600_000_500_500L : 1_600_000_000_500L));
  }

  private int started(String stage) throws IOException {
    List<Path> journals;
    try (Stream<Path> all = Files.list(run)) {
      journals = all.filter(each -> each.getFileName().toString().startsWith("journal"))
          .sorted()
          .toList();
    }
    int count = 0;
    for (String line : Files.readAllLines(journals.get(journals.size() - 1))) {
      count += line.contains("TaskStarted") && line.contains("\"" + stage) ? 1 : 0;
    }
    return count;
  }

  @Test
  void takesCommandsTheirFilesAndVariablesIntoAccount() throws IOException {
    write("one", "1\n");
    write("two", "2\n");
    write("prefix", "p");
    String command = "cat " + base.resolve("prefix") + " {files} > out.txt; echo $WORD >> out.txt";
    assertThat(first(shell(command, "w")).orThrow().stage("Join").value())
        .isEqualTo("p1\nw\np2\nw");
    resume(shell(command, "w")).orThrow();
    assertThat(started("S") + started("Join")).isZero();

    write("two", "3\n");
    assertThat(resume(shell(command, "w")).orThrow().stage("Join").value())
        .isEqualTo("p1\nw\np3\nw");
    assertThat(started("S")).isEqualTo(1);
    assertThat(started("Join")).isEqualTo(1);

    write("prefix", "q");
    assertThat(explain(shell(command, "w")).stages().get(0).reasons())
        .containsExactly(Map.entry("file prefix changed", 2));
    resume(shell(command, "w")).orThrow();
    assertThat(started("S")).isEqualTo(2);

    assertThat(explain(shell(command, "v")).stages().get(0).reasons())
        .containsExactly(Map.entry("variable WORD changed", 2));
    assertThat(resume(shell(command, "v")).orThrow().stage("Join").value())
        .isEqualTo("q1\nv\nq3\nv");

    Files.delete(run.resolve("S/d.0/outputs/out.txt"));
    assertThat(explain(shell(command, "v")).runs()).as("nothing needs it").isZero();
    Files.delete(run.resolve("Join/outputs/stdout"));
    resume(shell(command, "v")).orThrow();
    assertThat(started("S")).isEqualTo(1);
    assertThat(started("Join")).isEqualTo(1);
    assertThat(PosixFilePermissions.toString(
            Files.getPosixFilePermissions(run.resolve("records/key"))))
        .isEqualTo("rw-------");
  }

  @Test
  void aProgramOfTheUsersOnThePathCounts() throws IOException {
    Files.createDirectory(base.resolve("bin"));
    write("bin/double", "#!/bin/sh\necho two\n");
    assertThat(base.resolve("bin/double").toFile().setExecutable(true)).isTrue();
    Workflow workflow = workflow(made -> made.stage(
        "S",
        stage -> stage
            .op("shell")
            .environment(
                environment -> environment.variable("PATH", base.resolve("bin") + ":/usr/bin:/bin"))
            .params(Map.of("command", "cat /dev/null; double", "capture", "text"))));
    assertThat(first(workflow).orThrow().stage("S").value()).isEqualTo("two");
    resume(workflow).orThrow();
    assertThat(started("S")).isZero();

    write("bin/double", "#!/bin/sh\necho 2\n");
    assertThat(explain(workflow).stages().get(0).reasons())
        .containsExactly(Map.entry("program double changed", 1));
    assertThat(resume(workflow).orThrow().stage("S").value()).isEqualTo("2");
  }

  @Test
  void stopsEarly() throws IOException {
    write("one", "1\n");
    write("two", "2\n");
    first(shell("cat {files} > out.txt", "w")).orThrow();
    resume(shell("cat  {files} > out.txt", "w")).orThrow();
    assertThat(started("S")).isEqualTo(2);
    assertThat(started("Join")).isZero();
  }

  @Test
  void survivesRecordsThatEndAnywhere() throws IOException {
    first(chain(1, false)).orThrow();
    Path records = run.resolve("records/1");
    long whole = Files.size(records);
    byte[] content = Files.readAllBytes(records);
    for (long length = whole; length >= 0; length -= 7) {
      try (Stream<Path> all = Files.list(run.resolve("records"))) {
        for (Path each : all.filter(path -> !path.endsWith("key")).toList()) {
          Files.delete(each);
        }
      }
      Files.write(records, content);
      try (FileChannel channel = FileChannel.open(records, StandardOpenOption.WRITE)) {
        channel.truncate(length);
      }
      assertThat(resume(chain(1, false)).orThrow().stage("B").value()).isEqualTo("null[1[]]");
      assertThat(RAN).hasSizeLessThanOrEqualTo(2);
      List<String> ran = new ArrayList<>(RAN);
      resume(chain(1, false)).orThrow();
      assertThat(RAN).as("after " + ran).isEmpty();
    }
  }

  @Test
  void refusesWhatIsNoRun() {
    assertThatThrownBy(() -> resume(chain(1, false)))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("run");
    assertThatThrownBy(() -> explain(chain(1, false)))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("no records");
    assertThat(run).doesNotExist();
  }
}
