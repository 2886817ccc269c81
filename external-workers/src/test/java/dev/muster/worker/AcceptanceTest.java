package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.run.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Workers in several languages as people have them, in {@code src/test/tierkreis}, unchanged. Those in Python with the
 * worker package of Tierkreis, and the real Tierkreis, are in {@code scripts/checks/60-workers.sh}.
 */
class AcceptanceTest {
  private static final Path SOURCES = Path.of("src/test/tierkreis").toAbsolutePath();

  @TempDir
  Path folder;

  private Runs runs;

  @BeforeEach
  void registry() throws IOException {
    runs = new Runs(folder);
    Files.createDirectories(folder.resolve("workers"));
  }

  private static boolean there(String program) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(each -> Files.isExecutable(Path.of(each, program)));
  }

  private void compile(String... command) throws Exception {
    assumeTrue(there(command[0]), command[0] + " is not installed");
    List<String> words = new ArrayList<>(List.of(command));
    ProcessBuilder builder = new ProcessBuilder(words).inheritIO();
    builder.environment().put("GOCACHE", folder.resolve("go-cache").toString());
    builder.environment().put("GOFLAGS", "-mod=mod");
    Process process = builder.start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private RunResult run(String stages, String executors) throws Exception {
    return runs.run(
        """
        analysis:
          stages:
        %s
        execution:
          executors:
            default: {type: shell, config: {registry: ['%s', workers]}}
        %s
        """.formatted(stages.indent(4), SOURCES.resolve("workers"), executors.indent(2)));
  }

  private static final String ASSIGN_GENRSA = """
        filters: {type: StdInOut, config: {registry: '%s'}}
      assignments: {genrsa: filters}""".formatted(SOURCES.resolve("workers"));

  @Test
  void opensslMakesAPairOfKeysThatFit() throws Exception {
    assumeTrue(there("openssl"));
    RunResult result = run("""
        - id: Keys
          op: openssl_worker.genrsa
          params:
            inputs: {passphrase: dummypassphrase, numbits: 1024}
            outputs: {private_key: text, public_key: text}
        """, "");
    assertThat(result.succeeded()).as(Runs.told(result)).isTrue();
    Map<?, ?> keys = (Map<?, ?>) result.stage("Keys").value();
    assertThat(String.valueOf(keys.get("private_key"))).contains("ENCRYPTED PRIVATE KEY");
    assertThat(String.valueOf(keys.get("public_key"))).startsWith("-----BEGIN PUBLIC KEY-----");
  }

  @Test
  void genrsaFiltersItsPassphrase() throws Exception {
    assumeTrue(there("openssl"));
    RunResult result = run("""
        - {id: Key, op: genrsa.any, params: {inputs: {passphrase: dummypassphrase}, outputs: {key: text}}}
        """, ASSIGN_GENRSA);
    assertThat(result.succeeded()).as(Runs.told(result)).isTrue();
    assertThat(String.valueOf(((Map<?, ?>) result.stage("Key").value()).get("key")))
        .startsWith("-----BEGIN");
  }

  @Test
  void theShellWorkerHasTheVariablesOfItsExecutor() throws Exception {
    RunResult result = run("""
        - {id: Say, op: shell_worker.say, params: {inputs: {greeting: hello}, outputs: {value: text}}}
        """, """
          flagged: {type: ShellExecutor, config: {registry: '%s', env: {TEST_FLAG: wonderful}}}
        assignments: {shell_worker: flagged}""".formatted(SOURCES.resolve("workers")));
    assertThat(result.stage("Say").value())
        .as(Runs.told(result))
        .isEqualTo(Map.of("value", "wonderful \"hello\"\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fail | it set the flag _error | it had to fail",
        "exit_code_1 | failed with exit code 1 | leaving",
        "die | exit code 137 (SIGKILL) | set no flag",
        "no_outputs | set the flag _done but did not write the output 'value' | value",
        "both_flags | it set the flag _error, though also _done | exit code 0",
      })
  void everyFailureIsTold(String function, String message, String more) throws Exception {
    RunResult result = run("- {id: Bad, op: failing_worker." + function + "}", "");
    assertThat(Runs.failure(result).message()).contains(message).contains(more);
    assertThat(runs.run.resolve("Bad/_error")).exists();
    assertThat(runs.run.resolve("Bad/_done")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"wont_fail", "no_done"})
  void anExitCodeOfZeroWithEveryOutputIsEnough(String function) throws Exception {
    RunResult result = run("- {id: Good, op: failing_worker." + function + "}", "");
    assertThat(result.succeeded()).as(Runs.told(result)).isTrue();
  }

  @Test
  void aBinaryOfGoIsAWorker() throws Exception {
    Path binary = folder.resolve("workers/go_worker");
    compile("go", "build", "-o", binary.toString(), SOURCES + "/sources/go_worker.go");
    RunResult result = run("""
        - {id: Upper, op: go_worker.upper, params: {inputs: {s: hello}, outputs: {value: json}}}
        - {id: Other, op: go_worker.lower, needs: [Upper]}
        """, "");
    assertThat(result.stage("Upper").value()).isEqualTo(Map.of("value", "HELLO"));
    assertThat(Runs.failure(result).message()).contains("no function lower");
  }

  @Test
  void aBinaryOfCppIsAWorker() throws Exception {
    Path binary = folder.resolve("workers/cpp_worker");
    compile("g++", "-o", binary.toString(), SOURCES + "/sources/cpp_worker.cpp");
    RunResult result = run("""
        - {id: Sum, op: cpp_worker.sum, params: {inputs: {numbers: [1, 2, 3.5]}, outputs: {value: json}}}
        - {id: Other, op: cpp_worker.product, needs: [Sum], params: {inputs: {numbers: []}}}
        """, "");
    assertThat(result.stage("Sum").value()).isEqualTo(Map.of("value", 6.5));
    assertThat(Runs.failure(result).message())
        .contains("exit code 2")
        .contains("no function product");
  }

  @Test
  void aProgramInJavaIsAWorker() throws Exception {
    assumeTrue(there("java"));
    RunResult result = run("""
        - {id: Twice, op: java_worker.double_it, params: {inputs: {n: 21}, outputs: {value: json}}}
        - {id: Other, op: java_worker.halve, needs: [Twice], params: {inputs: {n: 1}}}
        """, "");
    assertThat(result.stage("Twice").value()).isEqualTo(Map.of("value", 42L));
    assertThat(Runs.failure(result).message())
        .contains("it set the flag _error")
        .contains("no function halve");
  }

  @Test
  void valuesOfInputsAreVariablesWhereThatIsAsked() throws Exception {
    runs.worker("valued", """
        #!/bin/bash
        printf '"%s %s"' "$input_n_value" "${input_text_value//\\"/}" >"$output_value_file"
        """);
    String stage =
        "- {id: A, op: valued.f, params: {inputs: {n: 5, text: it is}, outputs: {value: json}}}";
    RunResult result = run(stage, """
          valued: {type: shell, config: {registry: workers, export_values: true}}
        assignments: {valued: valued}""");
    assertThat(result.stage("A").value())
        .as(Runs.told(result))
        .isEqualTo(Map.of("value", "5 it is"));
    runs.worker("maker", "#!/bin/sh\nprintf 'a\\0b' >\"$output_value_file\"\n");
    RunResult binary = runs.run(
        """
        analysis:
          stages:
            - {id: Make, op: maker.f}
            - {id: A, op: valued.f, from: [{node: Make, port: value, as: n}]}
        execution:
          executors: {default: {type: shell, config: {registry: workers, export_values: true}}}
        """, dev.muster.RunOptions.builder().directory(folder.resolve("other")).build());
    assertThat(Runs.failure(binary).message())
        .contains("the input 'n'")
        .contains("NUL character")
        .contains("leave export_values out");
  }

  /** A stand-in for uv, so that a Python worker can end without a flag. */
  @Test
  void exitStatusMakesTheFlagUnnecessary() throws Exception {
    Path uv = runs.worker("uv", """
        #!/bin/bash
        [[ $1 == run && $2 == main.py && $PWD == */workers/py && -z ${VIRTUAL_ENV-} ]] || exit 9
        out=$(sed -E 's/.*"value":"([^"]*)".*/\\1/' "$TKR_DIR/$3")
        echo 3 >"$TKR_DIR/$out"
        """);
    runs.worker("py/main.py", "");
    String stage = "- {id: A, op: py.f, params: {outputs: {value: json}}}";
    String executor =
        "  py: {type: uv, config: {registry: workers, uv: '" + uv + "'%s}}\nassignments: {py: py}";
    assertThat(Runs.failure(run(stage, executor.formatted(""))).message())
        .contains("ended without the flag _done or _error")
        .contains("say exit_status: true");
    runs = new Runs(folder) {
      @Override
      dev.muster.RunOptions.Builder options() {
        return super.options().directory(folder.resolve("other"));
      }
    };
    RunResult result = run(stage, executor.formatted(", exit_status: true"));
    assertThat(result.stage("A").value()).as(Runs.told(result)).isEqualTo(Map.of("value", 3L));
  }
}
