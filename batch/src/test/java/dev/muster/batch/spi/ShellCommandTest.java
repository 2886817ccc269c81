package dev.muster.batch.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShellCommandTest {
  private final CommandResult answer = new CommandResult(
      ShellCommand.of("qstat", "echo a\nexit 3", List.of("12.pbs", "a b")), 3, "a\n", "");

  @Test
  void isKnownByItsName() {
    assertThat(ShellCommand.named("qstat", answer)).isTrue();
    assertThat(ShellCommand.named("qdel", answer)).isFalse();
  }

  @Test
  void isShownByItsNameAndItsArguments() {
    assertThat(answer.describe()).isEqualTo("qstat 12.pbs 'a b': exit code 3: a");
  }
}
