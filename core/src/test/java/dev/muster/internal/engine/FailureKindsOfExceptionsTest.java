package dev.muster.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.value.ValueException;
import org.junit.jupiter.api.Test;

class FailureKindsOfExceptionsTest {
  @Test
  void anExceptionOfMustersHasItsKind() {
    assertThat(Failures.of(new ValueException("output.a is a Thread", null)).kind())
        .isEqualTo(FailureKind.SERIALIZATION);
    assertThat(Failures.of(new TaskException(FailureKind.NETWORK, "gone", null)).kind())
        .isEqualTo(FailureKind.NETWORK);
    assertThat(Failures.of(new OutOfMemoryError("heap")).kind())
        .isEqualTo(FailureKind.OUT_OF_MEMORY);
    assertThat(Failures.of(new IllegalStateException("x")).kind()).isEqualTo(FailureKind.OPERATION);
  }
}
