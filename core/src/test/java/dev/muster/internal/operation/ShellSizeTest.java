package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.execution.Execution;
import dev.muster.internal.process.Launchers;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.spi.WorkerCredentials;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import dev.muster.workflow.WorkflowParams;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of shell commands that are more than the system takes as arguments and environment. */
class ShellSizeTest {
  // 4,000 names of 150 characters and more do not fit into one variable; all {files} of 40,000 not
  // into a command line.
  private static final String LONG_NAME = "f".repeat(140);

  @TempDir
  Path directory;

  private final Launchers launchers = new Launchers("test");

  @AfterEach
  void closeLaunchers() {
    launchers.close();
  }

  private FakeContext context;

  @BeforeEach
  void makeContext() {
    context = new FakeContext(Stage.builder("Plot").op("shell").build(), directory);
  }

  private Object run(Object command) throws Exception {
    Stage stage =
        Stage.builder("Plot").op("shell").params(Map.of("command", command)).build();
    return new ShellOperation(
            ShellCommand.parse(stage.params(), WorkflowParams.none()),
            Duration.ofSeconds(2),
            null,
            WorkerCredentials.none(),
            launchers,
            new FileLists(null, "Plot"))
        .run(context);
  }

  private void files(int count) {
    List<String> files =
        IntStream.range(0, count).mapToObj(i -> "/data/" + LONG_NAME + i).toList();
    context.partition = new Partition(0, "d", files, 0, -1);
    context.dataset = new Dataset("d", files, List.of(), Map.of());
  }

  private void refused(Object command, String... parts) {
    assertThatThrownBy(() -> run(command))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.SERIALIZATION))
        .hasMessageContainingAll(parts)
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(1000));
  }

  @Test
  void thereIsAlwaysAListOfFiles() throws Exception {
    assertThat(run("cat \"$MUSTER_FILES_LIST\" {files_list}")).isEqualTo("");
    files(2);
    String names = "/data/" + LONG_NAME + "0\n/data/" + LONG_NAME + "1";
    assertThat(run("cat \"$MUSTER_FILES_LIST\"; echo \"$MUSTER_FILES\""))
        .isEqualTo(names + "\n" + names);
    assertThat(run(List.of("cat", "{files_list}"))).isEqualTo(names);
  }

  @Test
  void namesThatDoNotFitAreInTheListAlone() throws Exception {
    files(4000);
    assertThat(
            run(
                "wc -l <\"$MUSTER_FILES_LIST\"; echo \"$MUSTER_FILES\"; cat $MUSTER_FILES 2>&1 || true"))
        .asString()
        .startsWith("4000\n@" + directory)
        .contains("No such file");
  }

  @Test
  void filesThatDoNotFitNameTheList() {
    files(60_000);
    refused("ls {files}", "too long", "{files} stands for", "write {files_list}");
    refused(List.of("ls", "{files}"), "too long", "write {files_list}");
  }

  @Test
  void aGlobalStageHasTheFilesOfAllDatasets() {
    Workflow workflow = Workflow.builder()
        .baseDirectory(directory)
        .dataset(new Dataset("a", List.of("/a1", "a2"), List.of(), Map.of("type", "mc")))
        .dataset(new Dataset("b", List.of("/b"), List.of(), Map.of("type", "data")))
        .stage("All")
        .scope(Scope.GLOBAL)
        .op("shell")
        .param("command", "echo {files}; cat {files_list}; echo \"$MUSTER_FILES\"")
        .stage("Mc")
        .needs()
        .scope(Scope.GLOBAL)
        .appliesTo(Map.of("type", "mc"))
        .op("shell")
        .param("command", List.of("echo", "{files}"))
        .build();
    String local = directory.resolve("a2").toString();
    var result = Muster.run(workflow, Execution.local()).orThrow();
    assertThat(result.stage("All").value())
        .isEqualTo("/a1 " + local + " /b\n/a1\n" + local + "\n/b\n/a1\n" + local + "\n/b");
    assertThat(result.stage("Mc").value()).isEqualTo("/a1 " + local);
  }

  @Test
  void manyLargeInputsTravelByFiles() throws Exception {
    for (int i = 0; i < 25; i++) {
      context.input("i" + i, "x".repeat(100_000));
    }
    assertThat(
            run(
                "printf %s \"$MUSTER_INPUT_i0\" | wc -c; wc -c <\"${MUSTER_INPUT_i24#@}\"; echo $MUSTER_INPUT_i24"))
        .isEqualTo("100000\n100000\n@" + directory.resolve("out/MUSTER_INPUT_i24"));
    StringBuilder all = new StringBuilder("echo");
    for (int i = 0; i < 90; i++) {
      context.input("i" + i, "x".repeat(100_000));
      all.append(" {input.i").append(i).append('}');
    }
    refused(all.toString(), "too long", "bytes in all", "stdin or a file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"é", "語", "😀"})
  void limitsAreBytes(String letter) throws Exception {
    context.input("a", letter.repeat(100_000));
    refused(
        "echo {input.a}",
        "{input.a} is a text of " + letter.getBytes(StandardCharsets.UTF_8).length + "00000 bytes");
    refused(List.of("echo", "x{input.a}"), "argument 1 has", "{input.a} stands for");
    assertThat(run("wc -m <\"${MUSTER_INPUT_a#@}\"")).isEqualTo("100000");
  }

  @Test
  void aTextThatIsTooLongIsRefused() {
    refused("echo '" + "x".repeat(140_000) + "'", "argument 2 has 140007 bytes");
  }

  @Test
  void aNameWithALineBreakIsRefused() {
    context.partition = new Partition(0, "d", List.of("/a\nb"), 0, -1);
    refused("true", "'/a\\nb' has a line break", "rename the file");
    context.partition = null;
    context.input("parts", List.of(FileRef.of(Path.of("/a\nb"))));
    refused("true", "'/a\\nb' has a line break");
  }

  @Test
  void messagesShowTheBeginOfACommand() {
    files(800);
    assertThatThrownBy(() -> run("false {files}"))
        .hasMessageContaining("characters)")
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(6000));
  }

  @Test
  void aTaskWithoutFilesWritesNoList() throws Exception {
    run("true");
    assertThat(directory.resolve("out/files.list")).doesNotExist();
  }
}
