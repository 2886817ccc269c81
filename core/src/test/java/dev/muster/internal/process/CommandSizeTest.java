package dev.muster.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandSizeTest {
  @Test
  void countsBytesOfUtf8() {
    for (String text : List.of("", "a", "é", "語", "😀", "aé語😀z", "\u07ff\u0800\uffff")) {
      assertThat(CommandSize.bytes(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
    }
  }

  /** The limits are the system's: what is below them starts. */
  @Test
  void whatIsTakenStarts() throws Exception {
    List<String> argv = List.of("/bin/true", "x".repeat(CommandSize.MAX_TEXT));
    assertThat(CommandSize.excess(argv, Map.of())).isEmpty();
    assertThat(new ProcessBuilder(argv).start().waitFor()).isZero();
    assertThat(CommandSize.excess(
            List.of("/bin/true", "x".repeat(CommandSize.MAX_TEXT + 1)), Map.of()))
        .isEqualTo("argument 1 has 131072 bytes, and the system takes 131071");
    assertThat(CommandSize.excess(List.of("true"), Map.of("V", "é".repeat(65_535))))
        .isEqualTo("the variable V has 131072 bytes, and the system takes 131071");
  }

  @Test
  void theSumStarts() throws Exception {
    ProcessBuilder builder = new ProcessBuilder("/bin/true");
    builder.environment().clear();
    int count = 0;
    while (CommandSize.excess(builder.command(), builder.environment()).isEmpty()) {
      builder.environment().put("V" + count++, "x".repeat(50_000));
    }
    assertThat(CommandSize.excess(builder.command(), builder.environment()))
        .contains("bytes in all, and the system takes " + CommandSize.maxSum(), "(50004)");
    builder.environment().remove("V" + --count);
    assertThat(builder.start().waitFor()).isZero();
  }
}
