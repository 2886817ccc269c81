package dev.muster.batch.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import dev.muster.execution.Execution;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobOptionsTest {
  @Test
  void readsWhatABuilderWasGiven() {
    Execution execution =
        Execution.builder().config("walltime", Duration.ofHours(1)).build();
    assertThat(JobOptions.of(execution.config()).duration("walltime")).hasHours(1);
  }

  @Test
  void refusesWhatIsNoText() {
    assertThatThrownBy(() -> JobOptions.of(Map.of("queue", new Object())).text("queue"))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("execution.config.queue: queue must be a text in one line");
  }
}
