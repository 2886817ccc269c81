package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.value.ValueCases;
import dev.muster.value.ValueException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CapturedJsonTest {
  @Test
  void takesAByteOrderMark() {
    assertThat(CapturedJson.read("\uFEFF{\"a\": 1}\n".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(Map.of("a", 1L));
    assertThat(CapturedJson.read(" 3".getBytes(StandardCharsets.UTF_8))).isEqualTo(3L);
    assertThat(CapturedJson.read("NaN".getBytes(StandardCharsets.UTF_8))).isEqualTo(Double.NaN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32BE"})
  void refusesOtherEncodings(String charset) {
    assertThatThrownBy(() -> CapturedJson.read("{}".getBytes(Charset.forName(charset))))
        .isInstanceOf(ValueException.class)
        .hasMessageContaining("let it print UTF-8");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | it printed nothing",
        "' ' | it printed nothing",
        "{\"a\": 1} rest | JSON",
        "{\"a\": 1} {} | more text after the JSON value",
        "{\"a\": 1, \"a\": 2} | the key 'a' is there twice"
      })
  void refusesWhatIsNotOneValue(String text, String why) {
    assertThatThrownBy(() -> CapturedJson.read(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(ValueException.class)
        .hasMessageContaining(why);
  }

  static Stream<Object[]> captured() {
    return ValueCases.of("captured");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("captured")
  void readsPlainJsonAsTheTableOfValuesSays(String name, Map<String, Object> row) {
    byte[] printed =
        ((String) Objects.requireNonNull(row.get("text"))).getBytes(StandardCharsets.UTF_8);
    if (row.get("message") instanceof String message) {
      assertThatThrownBy(() -> CapturedJson.read(printed))
          .isInstanceOf(ValueException.class)
          .hasMessageContaining(message);
    } else {
      assertThat(CapturedJson.read(printed)).isEqualTo(ValueCases.value(row.get("value")));
    }
  }

  @Test
  void refusesWhatIsNotUtf8() {
    assertThatThrownBy(() -> CapturedJson.read(new byte[] {'"', (byte) 0xE9, '"'}))
        .isInstanceOf(ValueException.class);
  }
}
