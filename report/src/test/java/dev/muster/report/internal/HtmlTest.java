package dev.muster.report.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HtmlTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0.0 ms", "0.00123 | 1.2 ms", "0.0099 | 9.9 ms", "0.00996 | 10 ms", "0.9994 | 999 ms",
        "0.9996 | 1.0 s", "59.94 | 59.9 s", "59.96 | 1:00", "3599.4 | 59:59", "3599.6 | 1:00:00",
        "90061 | 25:01:01"
      })
  void spans(double seconds, String text) {
    assertThat(Html.span(seconds)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0 B",
        "999 | 999 B",
        "1000 | 1.0 KB",
        "9949 | 9.9 KB",
        "9951 | 10 KB",
        "999499 | 999 KB",
        "999500 | 1.0 MB",
        "4000000000 | 4.0 GB"
      })
  void sizes(long bytes, String text) {
    assertThat(Html.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0 tasks",
        "1 | 1 task",
        "999 | 999 tasks",
        "1000 | 1,000 tasks",
        "1234567 | 1,234,567 tasks"
      })
  void counts(long number, String text) {
    assertThat(Html.count(number, "task")).isEqualTo(text);
    assertThat(Html.time(Instant.parse("2026-01-31T10:15:00Z")))
        .isEqualTo("2026-01-31 10:15:00 UTC");
    assertThat(Html.time(Instant.parse("2026-01-31T10:15:00.5Z")))
        .isEqualTo("2026-01-31 10:15:00 UTC");
  }
}
