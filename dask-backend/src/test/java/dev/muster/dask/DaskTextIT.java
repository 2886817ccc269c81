package dev.muster.dask;

import static dev.muster.dask.DaskSite.LIMIT;
import static dev.muster.dask.DaskSite.execution;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.TaskFailure;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts and names on Dask: beyond ASCII, whatever the locale, and more of them than fit a command. */
class DaskTextIT {
  private static final String NAME = "Gr\u00fc\u00dfe \u2603";

  @TempDir
  Path base;

  /** A program that runs all that has such texts on Dask, and writes what came of each stage, as it is or escaped. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws Exception {
      DaskSite site = new DaskSite(Path.of(arguments[0]));
      site.keepGoing = true;
      Workflow.Builder workflow = site.workflow();
      shell(workflow, "text", Map.of("command", "printf %s '" + NAME + "'"));
      shell(workflow, "argument", Map.of("command", List.of("printf", "%s", NAME)));
      shell(workflow, "param", Map.of("command", "printf %s {params.name}", "name", NAME));
      shell(
          workflow,
          "variable",
          Map.of("command", "printf %s \"$X\"", "variables", Map.of("X", NAME)));
      shell(workflow, "stdin", Map.of("command", "cat", "stdin", NAME));
      shell(
          workflow,
          "folder",
          Map.of(
              "command",
              "mkdir -p {params.name}/in && cd {params.name} && ls -d ../*/in",
              "name",
              NAME));
      shell(
          workflow,
          "file",
          Map.of(
              "command",
              "printf here > {params.name}",
              "name",
              NAME,
              "outputs",
              Map.of("o", NAME)));
      workflow.stage(
          "echo",
          s -> s.op("echo").needs().param("text", NAME).environment(e -> e.variable("X", NAME)));
      RunResult result;
      try (Run run = site.start(
          workflow.build(), execution().pool("default", p -> p.workers(1)).build())) {
        result = run.await(LIMIT);
      }
      List<String> lines = new ArrayList<>();
      result.stages().forEach((name, stage) -> {
        var task = stage.tasks().get(0);
        lines.add(name + ": "
            + (task.failure() == null ? task.value() : task.failure())
                .toString()
                .replace('\n', ' '));
      });
      Files.write(Path.of(arguments[0], "result"), lines, StandardCharsets.UTF_8);
    }

    private static void shell(Workflow.Builder workflow, String stage, Map<String, Object> params) {
      workflow.stage(stage, s -> s.op("shell").needs().params(params));
    }
  }

  private List<String> lines(String... settings) throws Exception {
    List<String> command = new ArrayList<>(List.of("env", "-i", "PATH=" + System.getenv("PATH")));
    command.addAll(List.of(settings));
    command.addAll(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        DaskFailuresIT.classPath(),
        "-Dmuster.dask.python=" + DaskSite.python(),
        Program.class.getName(),
        base.toString()));
    File log = base.resolve("jvm.log").toFile();
    Process jvm = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log)
        .start();
    try {
      assertThat(jvm.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } finally {
      jvm.destroyForcibly();
    }
    assertThat(base.resolve("result")).as(Files.readString(log.toPath())).exists();
    return Files.readAllLines(base.resolve("result"), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOTHING=set", "LC_ALL=C"})
  void textsBeyondAsciiAreRightWhateverTheLocale(String setting) throws Exception {
    List<String> lines = lines(setting);
    assertThat(lines)
        .contains("text: " + NAME, "argument: " + NAME, "param: " + NAME, "variable: " + NAME)
        .contains("stdin: " + NAME, "folder: ../" + NAME + "/in")
        .contains("echo: " + Collections.nCopies(5, NAME));
    // A value of this JVM that names a file has to be a path, and under such a locale Java has none
    // for it.
    assertThat(lines)
        .hasSize(8)
        .filteredOn(line -> line.startsWith("file: "))
        .singleElement()
        .asString()
        .contains("kind=SERIALIZATION", NAME, "LC_ALL=C.UTF-8");
  }

  @Test
  void namesOfAllFilesReachACommandHoweverManyAndWhateverItsShell() throws Exception {
    DaskSite site = new DaskSite(base);
    site.keepGoing = true;
    List<String> names = IntStream.range(0, 4_000)
        .mapToObj(i ->
            "root://eos.example.org//store/user/somebody/" + "a/long/way/".repeat(60) + i + ".root")
        .toList();
    String last = names.get(names.size() - 1);
    String bash =
        "list={files_list}\na=(one two); [[ $1 == '' ]] && echo ${#a[@]} $(grep -c . \"$list\") ${MUSTER_FILES:0:1}";
    Workflow workflow = site.workflow()
        .dataset(Dataset.of("few", "a b.root", "c.root"))
        .dataset(new Dataset("many", names, List.of(), Map.of()))
        .partitioning(new Partitioning.Files(4_000))
        .stage(
            "list",
            s -> s.op("shell")
                .needs()
                .param(
                    "command",
                    "wc -l < {files_list}; tail -n 1 {files_list};"
                        + " case $MUSTER_FILES in @*) tail -n 1 \"${MUSTER_FILES#@}\" ;; esac")
                .param("capture", "lines"))
        .stage("bash", s -> s.op("shell").needs().param("shell", "bash").param("command", bash))
        .stage(
            "files", s -> s.op("shell").needs().param("command", "printf '%s\\n' {files} | wc -l"))
        .stage(
            "all",
            s -> s.op("shell")
                .needs()
                .scope(Scope.GLOBAL)
                .param("shell", "bash")
                .param("command", "cat {files_list} | wc -l"))
        .stage(
            "none", s -> s.op("shell").needs().scope(Scope.GLOBAL).param("command", "echo {files}"))
        .build();
    RunResult result = site.run(workflow, DaskSite.two());
    assertThat(result.stage("bash").values())
        .containsExactly("2 2 " + base.toString().charAt(0), "2 4000 @");
    assertThat(result.stage("list").values().get(1)).isEqualTo(List.of("4000", last, last));
    assertThat(result.stage("all").value()).isEqualTo("4002");
    assertThat(result.stage("files").tasks().get(0).value()).isEqualTo("2");
    for (String stage : List.of("files", "none")) {
      TaskFailure failure = Objects.requireNonNull(result
          .stage(stage)
          .tasks()
          .get(result.stage(stage).tasks().size() - 1)
          .failure());
      assertThat(failure.kind()).isEqualTo(FailureKind.SERIALIZATION);
      assertThat(failure.message())
          .contains("{files} stands for", "write {files_list}, a file with one name a line");
    }
    assertThat(result.failures()).hasSize(2);
  }
}
