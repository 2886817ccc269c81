package dev.muster.examples.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.run.TaskException;
import dev.muster.spi.OperationSetup;
import dev.muster.testkit.FakeContext;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Stage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExpectOutputTest {
  private static final Stage STAGE = Stage.builder("Count").build();
  private static final Path HERE = Path.of("");

  private final FakeContext context = FakeContext.builder(STAGE).build();
  private final ModifierHooks hooks =
      new ExpectOutput().create(Modifier.of("expect.output"), new OperationSetup(STAGE, HERE));

  @Test
  void passesAnOutputOn() throws Exception {
    assertThat(hooks.afterNode(context, 42)).isEqualTo(42);
  }

  @ParameterizedTest
  @MethodSource("nothing")
  void failsWithoutOutput(@Nullable Object nothing) {
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> hooks.afterNode(context, nothing))
        .withMessage("Count returned nothing");
  }

  static Stream<@Nullable Object> nothing() {
    return Stream.of(null, List.of(), Map.of());
  }
}
