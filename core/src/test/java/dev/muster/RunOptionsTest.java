package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.plan.Machine;
import dev.muster.resource.MemorySize;
import dev.muster.run.RunListener;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RunOptionsTest {
  private static final Layer SITE = Layer.of("site", Execution.local());
  private static final Layer OVERRIDE = Layer.of("command line", Execution.local());
  private static final Machine MACHINE = new Machine(4, MemorySize.parse("16GB"));
  private static final RunListener LISTENER = event -> {};

  private static RunOptions.Builder full() {
    return RunOptions.builder()
        .directory(Path.of("run"))
        .keepGoing(true)
        .keepValues(true)
        .listener(LISTENER)
        .below(SITE)
        .above(OVERRIDE)
        .machine(MACHINE);
  }

  @Test
  void defaultsKeepNothingAndStopAtTheFirstFailure() {
    RunOptions options = RunOptions.defaults();
    assertThat(options.directory()).isNull();
    assertThat(options.keepGoing()).isFalse();
    assertThat(options.keepValues()).isFalse();
    assertThat(options.machine()).isNull();
    assertThat(options.listeners()).isEmpty();
    assertThat(options.below()).isEmpty();
    assertThat(options.above()).isEmpty();
    assertThat(options.backends()).isEmpty();
    assertThat(options.strategies()).isEmpty();
    assertThat(options.operations()).isEmpty();
    assertThat(options.modifiers()).isEmpty();
  }

  @Test
  void toBuilderKeepsEverything() {
    assertThat(full().build().toBuilder().build())
        .usingRecursiveComparison()
        .isEqualTo(full().build());
    assertThat(full().build().listeners()).containsExactly(LISTENER);
    assertThat(full().build().below()).containsExactly(SITE);
    assertThat(full().build().above()).containsExactly(OVERRIDE);
  }

  @Test
  void lastCallWins() {
    RunOptions options =
        full().directory(Path.of("b")).keepGoing(false).keepValues(false).build();
    assertThat(options.directory()).isEqualTo(Path.of("b"));
    assertThat(options.keepGoing()).isFalse();
    assertThat(options.keepValues()).isFalse();
  }

  @Test
  void theBuiltOptionsDoNotChangeWithTheirBuilder() {
    RunOptions.Builder builder = full();
    RunOptions options = builder.build();
    builder.listener(event -> {}).below(OVERRIDE).above(SITE);
    assertThat(options).usingRecursiveComparison().isEqualTo(full().build());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> options.listeners().clear());
  }
}
