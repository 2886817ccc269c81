package dev.muster.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalltimeTest {
  @ParameterizedTest
  @CsvSource({
    "04:00:00, PT4H",
    "4:5:6, PT4H5M6S",
    "100:00:00, PT100H",
    "2-12:00:00, PT60H",
    "90s, PT1M30S",
    "15m, PT15M",
    "2h, PT2H",
    "1d, PT24H",
    "250ms, PT0.25S",
    "1.5h, PT1H30M",
    "0.5s, PT0.5S",
    "3600, PT1H",
    "0, PT0S",
    "' 10 s ', PT10S",
  })
  void readsEveryForm(String text, Duration span) {
    assertThat(Walltime.parse(text)).isEqualTo(span);
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, 00:00:00",
    "PT4H, 04:00:00",
    "PT23H59M59S, 23:59:59",
    "PT24H, 1-00:00:00",
    "PT60H1S, 2-12:00:01",
    "PT0.25S, 250ms",
    "PT1M0.001S, 60001ms",
    "PT4800000H, 200000-00:00:00",
  })
  void writesWhatItReads(Duration span, String text) {
    assertThat(Walltime.format(span)).isEqualTo(text);
    assertThat(Walltime.parse(text)).isEqualTo(span);
  }

  @Test
  void readsTheLongestSpanThatItWrites() {
    Duration longest =
        Duration.ofMillis(Long.MAX_VALUE).truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
    assertThat(Walltime.parse(Walltime.format(longest))).isEqualTo(longest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "x",
        "-1",
        "-1s",
        "1:00",
        "00:60:00",
        "00:00:61",
        "1-2",
        "1d2h",
        "1w",
        "1H",
        "1e3",
        "٤s",
        "04:00:00:00",
        "10s\n20s"
      })
  void rejectsWhatIsNoSpan(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Walltime.parse(text))
        .withMessageContaining("'" + text.replace("\n", "\\n") + "' is not a span of time");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9999999999999999999", "999999999999999d", "0.0001s", "1.5ms"})
  void rejectsWhatIsNoWholeNumberOfMilliseconds(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Walltime.parse(text))
        .withMessageContaining("whole number of milliseconds");
  }

  @Test
  void cutsLongTextInMessages() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Walltime.parse("9".repeat(1_000_000)))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(250));
  }

  @Test
  void writesNoNegativeSpan() {
    assertThatIllegalArgumentException().isThrownBy(() -> Walltime.format(Duration.ofSeconds(-1)));
  }
}
