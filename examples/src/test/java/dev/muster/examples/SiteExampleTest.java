package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SiteExampleTest {
  @Test
  void answersManyRequestsAndEndsInOrder() throws InterruptedException {
    List<CompletionStage<String>> answers = new ArrayList<>();
    try (SiteExample service = new SiteExample()) {
      for (long i = 1; i <= 30; i++) {
        answers.add(service.answer(List.of(3 * i, 4 * i), i % 3 == 0));
      }
      assertThat(service.end(Duration.ofSeconds(30))).isTrue();
      assertThatIllegalStateException()
          .isThrownBy(() -> service.answer(List.of(1L, 1L), false))
          .withMessageContaining("drained");
    }
    for (int i = 1; i <= answers.size(); i++) {
      assertThat(answers.get(i - 1).toCompletableFuture().join())
          .isEqualTo("the hypotenuse is " + 5.0 * i);
    }
  }
}
