package dev.muster.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.run.FailureKind;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EscalateOnTest {
  @Test
  void knowsTheKindsThatAreTriedAgain() {
    assertThat(EscalateOn.knownKinds())
        .containsExactlyElementsOf(Arrays.stream(FailureKind.values())
            .filter(FailureKind::retryable)
            .map(FailureKind::name)
            .toList());
  }

  @Test
  void includesWhatItLists() {
    EscalateOn on = EscalateOn.of("OUT_OF_MEMORY", "WALLTIME").orExitCodes(250, 137);

    assertThat(on.listed()).containsExactly("OUT_OF_MEMORY", "WALLTIME", 137, 250);
    assertThat(on.includes("WALLTIME", null)).isTrue();
    assertThat(on.includes("OPERATION", 250)).isTrue();
    assertThat(on.includes("OPERATION", 1)).isFalse();
    assertThat(on.includes("OPERATION", null)).isFalse();
    assertThat(on).isEqualTo(EscalateOn.exitCodes(137, 250).orKinds("WALLTIME", "OUT_OF_MEMORY"));
    assertThat(new Retry(1, Duration.ZERO, "large").escalateOn())
        .isEqualTo(EscalateOn.of("OUT_OF_MEMORY"));
  }

  @Test
  void refusesWhatCannotHappen() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EscalateOn.of("MEMORY"))
        .withMessage("retry.escalate.on: 'MEMORY' is not one of OPERATION, TIMEOUT, OUT_OF_MEMORY,"
            + " WORKER_LOST, WALLTIME, PREEMPTED, NETWORK");
    assertThatIllegalArgumentException().isThrownBy(() -> EscalateOn.of("SERIALIZATION"));
    assertThatIllegalArgumentException().isThrownBy(() -> EscalateOn.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EscalateOn.exitCodes(0))
        .withMessage("retry.escalate.on: an exit code must be 1 to 255, got 0");
    assertThatIllegalArgumentException().isThrownBy(() -> EscalateOn.exitCodes(256));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Retry(1, Duration.ZERO, null, EscalateOn.exitCodes(137)))
        .withMessageContaining("retry.escalate.to is missing");
  }
}
