package dev.muster.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExitCodeTest {
  @ParameterizedTest
  @CsvSource({
    "1, exit code 1",
    "127, exit code 127",
    "128, exit code 128",
    "137, exit code 137 (SIGKILL)",
    "139, exit code 139 (SIGSEGV)",
    "143, exit code 143 (SIGTERM)",
    "160, exit code 160 (signal 32)",
    "255, exit code 255"
  })
  void namesSignals(int code, String text) {
    assertThat(ExitCode.describe(code)).isEqualTo(text);
  }
}
