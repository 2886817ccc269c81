package dev.muster.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class UnreadTest {
  private final Unread unread =
      Unread.of(List.of("execution.pools.gpu", "stage A.needs[1]", "data"));

  @Test
  void coversAValueAndWhatLiesInIt() {
    assertThat(unread.covers("execution.pools.gpu")).isTrue();
    assertThat(unread.covers("execution.pools.gpu.resources.class")).isTrue();
    assertThat(unread.covers("data.datasets[0].files")).isTrue();
    assertThat(unread.covers("execution.pools.gpus")).isFalse();
    assertThat(unread.covers("execution.pools")).isFalse();
    assertThat(unread.covers("stage A.needs")).isFalse();
  }

  @Test
  void touchesAlsoWhatSurroundsAValue() {
    assertThat(unread.touches("execution.pools")).isTrue();
    assertThat(unread.touches("stage A.needs")).isTrue();
    assertThat(unread.touches("execution.pools.gpu.use")).isTrue();
    assertThat(unread.touches("execution.config")).isFalse();
  }

  @Test
  void growsWithoutChanging() {
    assertThat(unread.and(List.of("execution.config")).touches("execution.config"))
        .isTrue();
    assertThat(unread.touches("execution.config")).isFalse();
    assertThat(unread.and(List.of())).isSameAs(unread);
    assertThat(Unread.of(List.of())).isSameAs(Unread.none());
    assertThat(Unread.none().touches("data")).isFalse();
    assertThat(Unread.none().isEmpty()).isTrue();
  }
}
