package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Execution;
import dev.muster.run.RunResult;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Workflow;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts beyond ASCII in a JVM that was started under a locale whose encoding lacks them. */
class RunLocaleTest {
  private static final String NAME = "M\u00fcller";

  @TempDir
  Path folder;

  /** Runs commands that have such a text in each place where one can be, and prints how they ended. */
  static final class Program {
    public static void main(String[] arguments) throws Exception {
      Path base = Path.of(arguments[0]);
      run(base, "text", Map.of("command", "printf %s " + NAME));
      run(base, "argument", Map.of("command", List.of("printf", "%s", NAME)));
      run(base, "param", Map.of("command", "printf %s {params.name}", "name", NAME));
      run(base, "variable", Map.of("command", "printf %s $X", "variables", Map.of("X", NAME)));
      run(base, "folder", Map.of("command", "true", "cwd", NAME));
      run(base, "output", Map.of("command", "true", "outputs", Map.of("o", NAME)));
      run(base, "stdin", Map.of("command", "cat", "stdin", NAME));
      run(base, "surrogate", Map.of("command", List.of("printf", "%s", "\ud83d")));
      run(base, "ascii", Map.of("command", "printf %s fine"));
    }

    private static void run(Path base, String what, Map<String, Object> params) {
      Workflow.Builder workflow = Workflow.builder().baseDirectory(base);
      if (what.equals("text")) {
        workflow.dataset(Dataset.of("d", "ascii.root"));
      }
      workflow.stage("S", stage -> stage.op("shell").params(params));
      RunResult result = Muster.run(workflow.build(), Execution.local());
      var task = result.stage("S").tasks().get(0);
      String said =
          task.failure() == null ? String.valueOf(task.value()) : task.failure().toString();
      byte[] line = (what + ": " + said.replace('\n', ' ') + "\n").getBytes(StandardCharsets.UTF_8);
      System.out.write(line, 0, line.length);
    }
  }

  private List<String> lines(Map<String, String> environment) throws Exception {
    Path log = folder.resolve("log");
    Process jvm = OtherJvm.start(Program.class, environment, log, folder.toString());
    assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return Files.readAllLines(log).stream()
        .filter(line -> line.matches("[a-z]+: .*"))
        .toList();
  }

  @Test
  void refusesWhatCannotBePassedOn() throws Exception {
    String why = "U+00FC, and Java was started under a locale whose encoding is";
    assertThat(lines(Map.of("LC_ALL", "C")))
        .satisfiesExactly(
            line ->
                assertThat(line).contains("argument 2 cannot", why, "LC_ALL=C", "LC_ALL=C.UTF-8"),
            line -> assertThat(line).contains("argument 2 cannot be passed on", why),
            line -> assertThat(line).contains("variable MUSTER_ARG_1 cannot be passed on", why),
            line -> assertThat(line).contains("variable X cannot be passed on", why),
            line -> assertThat(line).contains("file name", "cannot be passed to the system", why),
            line -> assertThat(line).contains("file name", "cannot be passed to the system", why),
            line -> assertThat(line).isEqualTo("stdin: " + NAME),
            line -> assertThat(line).contains("argument 2 cannot be passed on"),
            line -> assertThat(line).isEqualTo("ascii: fine"));
  }

  @Test
  void passesAllOnUnderUtf8() throws Exception {
    Files.createDirectory(folder.resolve(NAME));
    assertThat(lines(Map.of("LC_ALL", "C.UTF-8")))
        .contains("text: " + NAME, "argument: " + NAME, "param: " + NAME, "variable: " + NAME)
        .contains("folder: ", "stdin: " + NAME, "ascii: fine")
        .anySatisfy(line -> assertThat(line).contains("surrogate: ", "half a character"));
  }
}
