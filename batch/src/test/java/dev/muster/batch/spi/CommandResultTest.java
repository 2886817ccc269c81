package dev.muster.batch.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.code.ShellWords;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandResultTest {
  @ParameterizedTest
  @CsvSource({
    "squeue --me, squeue --me",
    "env -u A -u B squeue --me, squeue --me",
    "env squeue, env squeue",
    "env A=1 squeue, env 'A=1' squeue",
    "env -u A, env -u A",
    "env -u, env -u",
    "env, env",
  })
  void commandsAreToldWithoutTheVariablesThatAreTakenFromThem(String command, String told) {
    assertThat(CommandResult.describe(List.of(command.split(" "))))
        .isEqualTo(told.replace("'A=1'", ShellWords.quote("A=1")));
  }

  @Test
  void aLongCommandIsCut() {
    assertThat(CommandResult.describe(Collections.nCopies(200, "word")))
        .hasSizeLessThan(400)
        .endsWith("... (200 words)");
  }

  @Test
  void anAnswerIsToldInItsOwnWords() {
    assertThat(new CommandResult(List.of("sbatch", "x.sh"), 1, "out", " no\n").describe())
        .isEqualTo("sbatch x.sh: exit code 1: no");
  }
}
