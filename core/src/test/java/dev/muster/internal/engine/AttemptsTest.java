package dev.muster.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttemptsTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S, 0, 0.5, PT0S",
    "PT0S, 9, 1, PT0S",
    "PT10S, 0, 0, PT10S",
    "PT10S, 0, 1, PT12.5S",
    "PT10S, 1, 0, PT20S",
    "PT10S, 2, 0, PT40S",
    "PT10S, 2, 0.5, PT45S",
    "PT10S, 8, 0, PT2560S",
    "PT10S, 9, 0, PT1H",
    "PT10S, 999, 1, PT1H",
    "PT1H, 3, 1, PT1H",
    "PT5H, 0, 1, PT5H",
    "P200000D, 3, 1, P200000D",
    "PT0.000000001S, 3, 0, PT0.000000008S"
  })
  void waitsLongerEveryTime(Duration first, int failures, double chance, Duration expected) {
    assertThat(Attempts.backoff(first, failures, chance)).isEqualTo(expected);
  }
}
