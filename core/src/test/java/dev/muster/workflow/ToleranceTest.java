package dev.muster.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ToleranceTest {
  @ParameterizedTest
  @CsvSource({
    "0, 100, 0",
    "3, 100, 3",
    "3, 2, 3",
    "2%, 49, 0",
    "2%, 50, 1",
    "2%, 99, 1",
    "0.5%, 1000, 5",
    "100%, 7, 7",
    "33.3%, 3, 0",
    "0.0000000001%, 2147483647, 0",
    "100.0%, 2147483647, 2147483647"
  })
  void countsWhatMayBeMissing(String text, int gathered, int most) {
    assertThat(Tolerance.parse(text).most(gathered)).isEqualTo(most);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-1", "1.5", "2 %", "two", "%", "101%", "1e3", "12345678901", "2000000000", "٣"
      })
  void refusesWhatIsNeither(String text) {
    assertThatThrownBy(() -> Tolerance.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void equalAmountsAreEqual() {
    assertThat(Tolerance.parse("2.0%")).isEqualTo(Tolerance.parse("2%")).hasToString("2%");
    assertThat(Tolerance.parse("0")).isEqualTo(Tolerance.of(0)).hasToString("0");
    assertThat(Tolerance.parse("10")).hasToString("10");
    assertThatThrownBy(() -> Tolerance.of(-1)).isInstanceOf(IllegalArgumentException.class);
  }
}
