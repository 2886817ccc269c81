package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.plan.Machine;
import dev.muster.plan.Plan;
import dev.muster.resource.MemorySize;
import dev.muster.run.Run;
import dev.muster.run.RunListener;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.util.List;
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
    assertThat(options.plugins()).isEmpty();
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

  @Test
  void whatCountsForPlanningIsRefusedWhereThePlanIsMade() {
    Workflow workflow = Workflow.builder().stage("A").run(context -> 1).build();
    RunOptions planning =
        RunOptions.builder().below(SITE).above(OVERRIDE).machine(MACHINE).build();
    Plan plan = Muster.plan(workflow, Execution.local(), planning);
    try (Run run = Muster.start(plan, planning)) {
      assertThat(run.await().orThrow().stage("A").value()).isEqualTo(1);
    }
    try (Run run = Muster.start(plan, RunOptions.defaults())) {
      assertThat(run.await().succeeded()).isTrue();
    }
    Plan without = Muster.plan(workflow, Execution.local());
    for (RunOptions ignored : List.of(
        RunOptions.builder().below(SITE).build(),
        RunOptions.builder().above(OVERRIDE).build(),
        RunOptions.builder().machine(MACHINE).build())) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> Muster.start(without, ignored).close())
          .withMessageContaining("that the plan was made without; give them to Muster.plan, too");
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> assertThat(Muster.sessions(without, ignored)).isEmpty());
    }
  }
}
