package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.internal.process.Launchers;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.spi.WorkerCredentials;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Stage;
import dev.muster.workflow.WorkflowParams;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
@ExtendWith(Leftovers.class)
class ShellOperationTest {
  @TempDir
  Path directory;

  private final Launchers launchers = new Launchers("test");

  @AfterEach
  void closeLaunchers() {
    launchers.close();
  }

  private FakeContext context;

  private ShellOperation shell(Object... params) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < params.length; i += 2) {
      map.put((String) params[i], params[i + 1]);
    }
    Stage stage = Stage.builder("Plot").op("shell").params(map).build();
    context = new FakeContext(stage, directory);
    return new ShellOperation(
        ShellCommand.parse(stage.params(), WorkflowParams.none()),
        Duration.ofMillis(500),
        null,
        WorkerCredentials.none(),
        launchers,
        new FileLists(null, "Plot"));
  }

  private Object run(Object... params) throws Exception {
    return shell(params).run(context);
  }

  @Test
  void returnsWhatACommandPrints() throws Exception {
    assertThat(run("command", "echo one; echo; echo two; echo")).isEqualTo("one\n\ntwo");
    assertThat(directory.resolve("out/stdout")).exists();
    assertThat(directory.resolve("out/stderr")).doesNotExist();
  }

  @Test
  void runsAProgramWithoutAShell() throws Exception {
    assertThat(run("command", List.of("printf", "%s|", "$HOME", "a b", 3)))
        .isEqualTo("$HOME|a b|3|");
  }

  @ParameterizedTest
  @CsvSource({
    "lines, '[one, two]'",
    "text, 'one\ntwo'",
    "none,",
  })
  void capturesAsAsked(String capture, String expected) throws Exception {
    Object result = run("command", "echo one; echo two", "capture", capture);
    assertThat(result == null ? null : result.toString()).isEqualTo(expected);
  }

  @Test
  void readsJson() throws Exception {
    Object result = run(
        "command",
            "echo '{\"n\": 3, \"x\": [1.5, NaN, null, true], \"big\": 123456789012345678901}'",
        "capture", "json");
    assertThat(result)
        .isEqualTo(Map.of(
            "n",
            3L,
            "x",
            Arrays.asList(1.5, Double.NaN, null, true),
            "big",
            new java.math.BigInteger("123456789012345678901")));
  }

  @Test
  void saysThatOutputIsNoJson() {
    assertThatThrownBy(() -> run("command", "echo {oops", "capture", "json"))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.SERIALIZATION))
        .hasMessageContaining("did not print JSON")
        .hasMessageContaining("{oops");
  }

  @Test
  void returnsFilesAsOutputs() throws Exception {
    Object result = run(
        "command", "echo hist > '{stage}.txt'; echo hello",
        "outputs", Map.of("hist", "{stage}.txt"),
        "capture", "text");
    assertThat(result)
        .isEqualTo(
            Map.of("hist", FileRef.of(directory.resolve("out/Plot.txt")), "stdout", "hello"));
  }

  @Test
  void doesNotTakeTheOutputOfAnEarlierAttempt() throws Exception {
    Files.createDirectories(directory.resolve("out"));
    Files.writeString(directory.resolve("out/h.txt"), "old");
    assertThatThrownBy(() -> run("command", "true", "outputs", Map.of("hist", "h.txt")))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("did not write the output 'hist'");
  }

  @Test
  void offersTheTaskAsVariables() throws Exception {
    ShellOperation shell = shell(
        "command",
        "echo $MUSTER_STAGE,$MUSTER_PARTITION_INDEX,$MUSTER_DATASET,$MUSTER_INPUT_a_b,$OWN,$MORE;"
            + " echo \"$MUSTER_FILES\"; pwd; echo \"$MUSTER_OUTPUT_DIR\"; echo \"$MUSTER_INPUT_f\"",
        "variables",
        Map.of("MORE", "{stage}!"));
    context.input("a-b", 3.5).input("f", FileRef.of(Path.of("/data/x"))).input("object", this);
    context.partition = new Partition(4, "ttbar", List.of("a b.csv", "/abs.csv", "s3://x"), 0, -1);
    context.dataset = Dataset.of("ttbar", "a b.csv");
    context.variables = Map.of("OWN", "mine");
    Path out = directory.resolve("out");
    assertThat((String) shell.run(context))
        .isEqualTo("Plot,4,ttbar,3.5,mine,Plot!\n" + directory.resolve("a b.csv")
            + "\n/abs.csv\ns3://x\n" + out.toRealPath() + "\n" + out + "\n/data/x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "two  words",
        "it's",
        "\"",
        "$(touch pwned)",
        "`touch pwned`",
        "';touch pwned;'",
        "\";touch pwned;\"",
        "$HOME ${PATH}",
        "line\nbreak",
        "\\",
        "*",
        "größe 中 🎉",
        "-n",
        "{params.v}"
      })
  void passesHostileValuesAsTheyAreInAllQuotes(String value) throws Exception {
    ShellOperation shell = shell("command", """
        printf '[%s]' {params.v} "{params.v}" '{params.v}' x{params.v}y \
          "$(printf '%s.' "{params.v}")"
        v={params.v}
        cat <<END
        [it's $v]
        END
        # don't
        printf '[%s]' {input.Make.w}""", "v", value);
    context.input("Make", Map.of("w", value));
    String four = "[" + value + "]";
    assertThat(shell.run(context))
        .isEqualTo(four + four + four + "[x" + value + "y]" + "[" + value + ".]" + "[it's " + value
            + "]\n" + four);
    assertThat(directory.resolve("out/pwned")).doesNotExist();
  }

  @Test
  void givesEachItemOfAListItsOwnWord() throws Exception {
    ShellOperation shell =
        shell("command", "printf '[%s]' {files} {input.parts}; printf '[%s]' \"{files}\"");
    context.partition = new Partition(0, "d", List.of("/a b", "/c"), 0, -1);
    context.input("parts", List.of(FileRef.of(Path.of("/p 1")), FileRef.of(Path.of("/p2"))));
    assertThat(shell.run(context)).isEqualTo("[/a b][/c][/p 1][/p2][/a b /c]");
  }

  @Test
  void givesEachItemOfAListItsOwnArgumentWithoutAShell() throws Exception {
    ShellOperation shell =
        shell("command", List.of("printf", "[%s]", "{files}", "n={params.n}"), "n", "1 2");
    context.partition = new Partition(0, "d", List.of("/a b", "/c"), 0, -1);
    assertThat(shell.run(context)).isEqualTo("[/a b][/c][n=1 2]");
  }

  @Test
  void leavesOtherBracesAlone() throws Exception {
    assertThat(run("command", "stage=x; echo a b | awk '{print $2}'; echo ${stage} {a,b} {other}"))
        .isEqualTo("b\nx {a,b} {other}");
  }

  @Test
  void feedsStandardInput() throws Exception {
    ShellOperation shell = shell("command", "cat", "stdin", "x {input.big}");
    String big = "y".repeat(300_000);
    context.input("big", big);
    assertThat(shell.run(context)).isEqualTo("x " + big);
    assertThat(run("command", "cat")).isEqualTo("");
  }

  @Test
  void runsInAnotherFolder() throws Exception {
    assertThat(run("command", "pwd -P", "cwd", "."))
        .isEqualTo(directory.toRealPath().toString());
  }

  @Test
  void reportsExitCodeCommandAndLog() {
    assertThatThrownBy(
            () -> run("command", "echo printed; echo {params.v} >&2; exit 3", "v", "went wrong"))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.OPERATION))
        .hasMessage("the command failed with exit code 3: echo printed; echo 'went wrong' >&2;"
            + " exit 3\nin " + directory.resolve("out") + "\nstderr:\n  went wrong\nstdout:\n"
            + "  printed");
  }

  @Test
  void saysThatAProgramOrAFolderIsMissing() {
    assertThatThrownBy(() -> run("command", List.of("no-such-program", "a b")))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("was not found: no-such-program 'a b'");
    assertThatThrownBy(() -> run("command", "true", "cwd", "missing"))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("there is no such folder");
  }

  @Test
  void doesNotKeepALargeOutputInMemory() {
    assertThatThrownBy(() -> run("command", "head -c 17000000 /dev/zero"))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("too much for a value");
  }

  @Test
  void refusesValuesThatHaveNoText() {
    ShellOperation shell = shell("command", "echo {input.a}");
    context.input("a", new byte[3]);
    assertThatThrownBy(() -> shell.run(context)).hasMessageContaining("is bytes");
    context.input("a", this);
    assertThatThrownBy(() -> shell.run(context)).hasMessageContaining("ShellOperationTest");
    context.input("a", "x".repeat(200_000));
    assertThatThrownBy(() -> shell.run(context)).hasMessageContaining("too long for a command");
    context.input("a", "nul\0");
    assertThatThrownBy(() -> shell.run(context)).hasMessageContaining("NUL");
    context.inputs.clear();
    assertThatThrownBy(() -> shell.run(context)).hasMessageContaining("{input.a}");
  }

  @Test
  void endsTheCommandAndItsChildrenWhenInterrupted() throws Exception {
    ShellOperation shell = shell("command", "sh -c 'sleep 300 & echo $! > child; wait'");
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread = new Thread(() -> {
      try {
        shell.run(context);
      } catch (Throwable e) {
        thrown.set(e);
      }
    });
    thread.start();
    Path child = directory.resolve("out/child");
    await().until(() -> Files.exists(child) && Files.size(child) > 0);
    thread.interrupt();
    thread.join(10_000);
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    long pid = Long.parseLong(Files.readString(child).strip());
    await().until(() -> !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "comand  | echo  | shell has no parameter 'comand', and no placeholder {params.comand} uses it; did you mean 'command'?",
        "command | ''    | the parameter 'command' is empty",
        "command | echo {params.x} | there is no parameter for {params.x}",
      })
  void rejectsParametersThatCannotWork(String name, String value, String message) {
    assertThatThrownBy(() -> shell(name, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void rejectsParametersOfAnotherKind() {
    assertThatThrownBy(() -> shell()).hasMessageContaining("needs the parameter 'command'");
    assertThatThrownBy(() -> shell("command", "cat <<E\n{stage}\nE\n"))
        .hasMessageContaining(
            "line 2, column 1 of the command stands in a here-document; write stage={stage}");
    assertThatThrownBy(() -> shell("command", "echo $(({params.n} + 1))", "n", "x"))
        .hasMessageContaining(
            "{params.n} in line 1, column 9 of the command stands in $(( )) and is no whole number");
    assertThatThrownBy(() -> shell("command", 3)).hasMessageContaining("'command' must be");
    assertThatThrownBy(() -> shell("command", List.of())).hasMessageContaining("not empty");
    assertThatThrownBy(() -> shell("command", "x", "capture", "all"))
        .hasMessageContaining("must be text, lines, json or none");
    assertThatThrownBy(() -> shell("command", "x", "outputs", "file"))
        .hasMessageContaining("'outputs' must be a mapping");
  }

  @Test
  void measuresWhenAsked() throws Exception {
    ShellOperation shell =
        shell("command", "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; echo done");
    assertThat(new ProfileHooks().aroundNode(context, shell)).isEqualTo("done");
    assertThat((double) context.diagnostics.get("wall_seconds")).isPositive();
    assertThat((double) context.diagnostics.get("cpu_seconds")).isPositive();
    assertThat(context.diagnostics)
        .doesNotContainKey("peak_memory_bytes"); // which cannot be told for certain
    assertThat(directory.resolve("out/.times")).doesNotExist();
  }

  @Test
  void keepsTheExitCodeWhenMeasured() {
    ShellOperation shell = shell("command", "exit 5");
    assertThatThrownBy(() -> new ProfileHooks().aroundNode(context, shell))
        .hasMessageContaining("exit code 5");
    assertThat(context.diagnostics).containsKey("wall_seconds");
  }

  @Test
  void saysWhyAProgramCannotBeStarted() throws Exception {
    Path plain = Files.writeString(directory.resolve("plain"), "#!/bin/sh\n");
    assertThatThrownBy(() -> run("command", List.of(plain.toString())))
        .hasMessageContaining("the program of the command is not executable; try chmod +x: ");
    assertThatThrownBy(() -> run("command", List.of(directory.toString())))
        .hasMessageContaining("the program of the command is a folder: ");
    assertThatThrownBy(() ->
            run("command", List.of("plain"), "variables", Map.of("PATH", directory.toString())))
        .hasMessageContaining("was found as " + plain + ", which is not executable");
    Path script = Files.writeString(directory.resolve("script"), "#!/no/such/python -E\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    assertThatThrownBy(() -> run("command", List.of(script.toString())))
        .hasMessageContaining("needs /no/such/python, which is not there");
    Files.writeString(script, "#!/bin/sh\r\n");
    assertThatThrownBy(() -> run("command", List.of(script.toString())))
        .hasMessageContaining("needs /bin/sh\\r (its lines end as on Windows; try dos2unix)");
  }

  @Test
  void refusesNulInATextOfACommand() {
    List<Object> commands = List.of(
        "printf 'a\0b'", List.of("printf", "a\0b"), List.of("printf\0", "a"), "\0", List.of("\0"));
    for (Object command : commands) {
      assertThatThrownBy(() -> shell("command", command)).hasMessageContaining("NUL character");
    }
    assertThatThrownBy(() -> shell("command", "print('a\0')", "shell", "python"))
        .hasMessageContaining("NUL character in line 1, column 9 of the command");
    assertThatThrownBy(() -> shell("command", "true", "cwd", "a\nb\0"))
        .hasMessageContaining("NUL character in line 2, column 2 of the parameter cwd");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{input.a b}",
        "{ input.a }",
        "{inputs.a}",
        "{param.n m}",
        "{parameters.n}",
        "{params.}",
        "{output.hist}",
        "{outputs.hist}",
        "{variables.HOME}",
        "{env.HOME}",
        "{extra_data.value}",
        "{files[0]}",
        "{file.0}",
        "{outputdir}",
        "{base-dir}",
        "{dataset.name}"
      })
  void refusesWhatLooksLikeAPlaceholderAndIsNone(String text) {
    assertThatThrownBy(() -> shell("command", "true\necho " + text, "capture", "none"))
        .hasMessageContaining("'" + text + "' in line 2, column ")
        .hasMessageContaining("write {params.NAME}, {param.NAME} or {input.NAME}");
    assertThatThrownBy(() -> shell("command", List.of("echo", text)))
        .hasMessageContaining("is no placeholder");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${x}",
        "{a,b}",
        "{files,inputs}",
        "{1..3}",
        "{ print $1 }",
        "{files[$1]++}",
        "${inputs}",
        "{sum+=$1}",
        "{\"input.a\": 1}",
        "{}",
        "f\"{input}\""
      })
  void leavesOtherBracesAlone(String text) {
    assertThat(shell("command", List.of("echo", text))).isNotNull();
  }
}
