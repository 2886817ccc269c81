package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(60)
@ExtendWith(Leftovers.class)
class PythonWorkerTest {
  @Test
  void passesItsOwnTests() throws Exception {
    Path folder = Path.of("src/test/python").toAbsolutePath();
    assertThat(folder.resolve("test_muster_worker.py")).satisfies(Files::exists).isRegularFile();
    Process tests = new ProcessBuilder(
            "python3",
            "-B",
            "-W",
            "error::DeprecationWarning",
            "-m",
            "unittest",
            "-v",
            "test_muster_worker")
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .start();
    String printed = new String(tests.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tests.waitFor()).as(printed).isZero();
    assertThat(printed).containsPattern("Ran [1-9][0-9]+ tests");
  }
}
