package dev.muster.batch.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What batch systems ask of scripts that take directives anywhere, or mean something by exit codes. */
class JobScriptTest {
  private static final String EVIL = "one\n#$ -N evil\n\n#$ -t 1-5\n";

  @TempDir
  Path folder;

  private JobScript script(JobSpec spec) {
    return JobScript.of(spec, "tag", folder).directive("#$ -N good");
  }

  private static Stream<String> marked(String text) {
    return text.lines().filter(line -> line.startsWith("#$"));
  }

  @Test
  void noTextBecomesADirective() throws Exception {
    JobSpec spec = JobSpec.builder(
            "pool",
            List.of("sh", "-c", "printf %s%s \"$1\" \"$TEXT\" >out\n#$ -N c\n", "sh", EVIL),
            folder)
        .variable("TEXT", EVIL)
        .build();
    String text = script(spec).mark("#$").text();
    assertThat(marked(text)).containsExactly("#$ -N good");
    assertThat(run(text)).isZero();
    assertThat(folder.resolve("out")).hasContent(EVIL + EVIL);
    assertThat(marked(script(spec).text())).hasSizeGreaterThan(1);
  }

  @Test
  void refusesVerbatimLinesThatWouldBeDirectives() {
    JobSpec.Builder job = JobSpec.builder("pool", List.of("true"), folder);
    JobSpec setup = job.setup(List.of("cat <<X\n#$ -N evil\nX")).build();
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> script(setup).mark("#$").text())
        .withMessageContaining("#$ -N evil");
    assertThat(script(setup).text()).contains("#$ -N evil");
  }

  @ParameterizedTest
  @CsvSource({"exit 99,1,99", "exit 98,98,98", "exit 0,0,0"})
  void replacesExitCodesThatMeanSomething(String command, int script, int told) throws Exception {
    JobSpec spec = JobSpec.builder("pool", List.of("sh", "-c", command), folder)
        .config("job_script_prologue", "trap 'echo cleared >cleared' EXIT")
        .build();
    assertThat(run(script(spec).reserved(List.of(99, 100)).text())).isEqualTo(script);
    assertThat(JobScript.exitFile(folder, "tag", 0)).hasContent(Integer.toString(told));
    assertThat(folder.resolve("cleared")).exists();
  }

  @Test
  void replacesExitCodesOfVerbatimLines() throws Exception {
    JobSpec spec = JobSpec.builder("pool", List.of("true"), folder)
        .config("job_script_prologue", "exit 100")
        .build();
    assertThat(run(script(spec).reserved(List.of(99, 100)).text())).isEqualTo(1);
    assertThat(run(script(spec).text())).isEqualTo(100);
  }

  @Test
  void opensWithItsOwnLines() throws Exception {
    JobSpec spec = JobSpec.builder("pool", List.of("echo", "hello"), folder).build();
    assertThat(run(script(spec).opening(List.of("exec >'" + folder + "/log'")).text()))
        .isZero();
    assertThat(folder.resolve("log")).hasContent("hello");
  }

  private int run(String text) throws IOException, InterruptedException {
    Path file = folder.resolve("script.sh");
    Files.writeString(file, text);
    return new ProcessBuilder("bash", file.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("bash.log").toFile())
        .start()
        .waitFor();
  }
}
