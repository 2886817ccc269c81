package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import dev.muster.run.TaskException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs of many kinds, good and bad, run by hand as {@code muster worker call} does it. */
class ContractTest {
  @TempDir
  Path folder;

  private Node node;

  @BeforeEach
  void make() throws IOException {
    node = new Node(folder);
  }

  @Test
  void aProgramHasTheVariablesOfTheContract() throws Exception {
    node.input("greeting", "\"hi\"").output("value").program("printer/main.sh", """
        #!/usr/bin/env bash
        set -eu
        cd "$TKR_DIR"
        cmp "$1" "$worker_call_args_file" # argument 1 is the relative path
        [[ $1 != /* && $checkpoints_directory == "$TKR_DIR" && $function_name == f ]]
        for path in "$done_path" "$error_path" "$output_dir" "$logs_path"; do [[ $path == "$TKR_DIR"/* ]]; done
        [[ -z ${input_greeting_value-} ]]
        echo "made by $0" >&2
        echo progress
        cat "$input_greeting_file" >"$output_value_file"
        """);
    node.run("printer", "f", "shell");
    assertThat(node.text("outputs/value")).isEqualTo("\"hi\"");
    assertThat(node.at("_done")).isEmptyFile();
    assertThat(node.at("_error")).doesNotExist();
    assertThat(node.text("errors")).startsWith("made by ").contains("printer/main.sh");
    assertThat(node.base.resolve(node.logs)).hasContent("progress");
  }

  @Test
  void aProgramMaySetItsFlagItself() throws Exception {
    node.output("value")
        .program(
            "own",
            "#!/bin/sh\necho 1 >$output_value_file; : >\"$done_path\"\n"
                .replace(">$output_value_file", ">\"$output_value_file\""));
    node.run("own", "f", "ShellExecutor");
    assertThat(node.at("_done")).exists();
  }

  @Test
  void stdInOutReadsTheFirstInputAndWritesTheFirstOutput() throws Exception {
    node.input("a", "first\n").input("b", "second").output("x").output("y");
    node.outputs.remove("y");
    node.program("upper", "#!/bin/sh\nls -A \"$output_dir\" >&2\nexec tr a-z A-Z\n");
    node.run("upper", "ignored", "stdinout");
    assertThat(node.text("outputs/x")).isEqualTo("FIRST\n");
    assertThat(node.text("errors")).as("what is not whole has no name").doesNotContain("\nx");
    assertThat(node.at("outputs")).isDirectoryNotContaining(file -> !file.endsWith("x"));
  }

  @Test
  void theRegistryIsSearchedInOrderAndThenThePath() throws Exception {
    node.output("value")
        .program("w/main.sh", "#!/bin/sh\necho plain >\"$output_value_file\"\n")
        .program("more/w/tkr_w_impl/main.sh", "#!/bin/sh\necho impl >\"$output_value_file\"\n");
    Path definition = node.definition("w", "f");
    List<Path> both = List.of(node.registry.resolve("more"), node.registry);
    WorkerCalls.read(definition, null, null, both, null).run();
    assertThat(node.text("outputs/value")).isEqualTo("impl\n");
    assertThatThrownBy(
            () -> WorkerCalls.read(definition, null, null, both, "nobody_here").run())
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("more/nobody_here/main.py")
        .hasMessageContaining("tkr-nobody-here");
    assertThat(node.at("_error")).exists();
    assertThat(node.at("_done")).as("not done any more").doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "echo why >&2; exit 3| exit code 3 and set no flag | why",
        "echo why >&2; : >\"$done_path\"; exit 3 | exit code 3, though it set the flag _done | why",
        "echo why; kill -9 $$ | exit code 137 (SIGKILL) and set no flag | why",
        "echo why >\"$error_path\" | it set the flag _error | why",
        "echo why >\"$error_path\"; echo 1 >\"$output_value_file\"; : >\"$done_path\" | it set the flag _error, though also _done | why",
        "echo why >&2; : >\"$done_path\" | set the flag _done but did not write the output 'value' | why",
        "echo why >&2 | ended with exit code 0 but did not write the output 'value' | why",
      })
  void everyWayToFailIsTold(String script, String message, String log) throws Exception {
    node.output("value").program("bad", "#!/bin/bash\n" + script + "\n");
    assertThatThrownBy(() -> node.run("bad", "f", "shell"))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("the worker bad.f")
        .hasMessageContaining(message)
        .hasMessageContaining(log);
    assertThat(node.at("_error")).exists();
    assertThat(node.at("_done")).doesNotExist();
  }

  @Test
  void inContract2ErrorPathIsTheLog() throws Exception {
    node.error = Node.PLACE + "/logs";
    node.output("value").program("bad", """
        #!/bin/sh
        echo printed
        echo because >>"$error_path"
        exit 1
        """);
    assertThatThrownBy(() -> node.run("bad", "f", "shell"))
        .hasMessageContaining("exit code 1")
        .hasMessageContaining("because");
    assertThat(node.at("_error")).isEmptyFile();
    assertThat(node.text("logs")).isEqualTo("because\nprinted\n");
    assertThat(node.base.resolve(node.logs)).hasContent("printed");
  }

  @Test
  void whatTheLogOfAGoodWorkerHasIsNoFailure() throws Exception {
    node.error = Node.PLACE + "/logs";
    node.output("value")
        .program("good", "#!/bin/sh\necho 1 >\"$output_value_file\"; echo x >>\"$error_path\"\n");
    node.run("good", "f", "shell");
    assertThat(node.at("_done")).exists();
  }

  @Test
  void whatAnEarlierCallLeftCountsForNothing() throws Exception {
    node.output("value").program("w", "#!/bin/sh\n[ ! -e \"$output_value_file\" ]\n");
    Files.writeString(node.at("outputs/value"), "old");
    Files.writeString(node.at("_done"), "");
    assertThatThrownBy(() -> node.run("w", "f", "shell")).hasMessageContaining("did not write");
    node.program("w", "#!/bin/sh\necho new >\"$output_value_file\"\n");
    node.run("w", "f", "shell");
    assertThat(node.text("outputs/value")).isEqualTo("new\n");
  }

  @Test
  void whateverGoesWrongIsFlagged() throws Exception {
    node.program("w", "#!/bin/sh\nexec cat\n").input("a", "x").output("value");
    Files.delete(node.at("outputs"));
    Files.writeString(node.at("outputs"), "a file where the folder should be");
    assertThatThrownBy(() -> node.run("w", "f", "stdinout")).isInstanceOf(IOException.class);
    assertThat(node.at("_error")).exists();
    assertThat(node.at("_done")).doesNotExist();
  }

  @Test
  void aCallWithoutNodedefNeedsTheWorkersName() throws Exception {
    Path definition = node.definition("w", "f");
    Files.delete(node.at("nodedef"));
    assertThatThrownBy(() -> WorkerCalls.read(definition, null, null, List.of(), null))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("--worker");
  }

  @ParameterizedTest
  @CsvSource({
    "shel, did you mean 'shell'",
    "pbs, has a strategy of that name",
    "PJSUBExecutor, jobs of the strategy 'pjsub'"
  })
  void anExecutorThatIsNotThereIsTold(String name, String message) throws Exception {
    Path definition = node.definition("w", "f");
    assertThatThrownBy(() -> WorkerCalls.read(definition, null, name, List.of(), "w"))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aWorkerThatIsNotExecutableIsTold() throws Exception {
    node.program("w/main.sh", "#!/bin/sh\n");
    node.registry.resolve("w/main.sh").toFile().setExecutable(false, false);
    assertThatThrownBy(() -> node.run("w", "f", null)).hasMessageContaining("chmod +x");
  }

  @Test
  void whatAWorkerLeavesRunningEndsWithIt() throws Exception {
    node.output("value").program("w", """
        #!/bin/bash
        sleep 300 &
        echo $! >"$output_value_file"
        """);
    node.run("w", "f", "shell");
    long pid = Long.parseLong(node.text("outputs/value").strip());
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
  }
}
