package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@ExtendWith(Leftovers.class)
class PythonTaskTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "test_captured",
        "test_commands",
        "test_container",
        "test_encoding",
        "test_ownfiles",
        "test_passing",
        "test_shell",
        "test_stage",
        "test_worker"
      })
  void passesItsOwnTests(String tests) throws Exception {
    Path folder = Path.of("src/test/python").toAbsolutePath();
    assertThat(folder.resolve(tests + ".py")).satisfies(Files::exists).isRegularFile();
    Process process = new ProcessBuilder(
            "python3", "-B", "-W", "error::DeprecationWarning", "-m", "unittest", "-v", tests)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    assertThat(printed).containsPattern("Ran [1-9][0-9]* tests");
  }
}
