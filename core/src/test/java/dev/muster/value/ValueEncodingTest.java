package dev.muster.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueEncodingTest {
  static Stream<Object[]> bothWays() {
    return ValueCases.of("both ways");
  }

  static Stream<Object[]> notWritten() {
    return ValueCases.of("not written");
  }

  static Stream<Object[]> notRead() {
    return ValueCases.of("not read");
  }

  static Stream<Object[]> forCommands() {
    return ValueCases.of("for commands");
  }

  private static @Nullable Object throughEncoding(@Nullable Object value) {
    return ValueEncoding.decode(ValueEncoding.encode(value, "output"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bothWays")
  void aValueOfTheTableIsWrittenAndReadAgain(String name, Map<String, Object> row) {
    Object value = ValueCases.value(row.get("value"));
    String text = ValueEncoding.encodeToString(value, "output");
    if (row.get("encoded") instanceof String encoded) {
      assertThat(text).isEqualTo(encoded);
    }
    assertThat(text).matches("[ -\u007f]*");
    for (Object read : Arrays.asList(
        ValueEncoding.decode(text),
        ValueEncoding.decode(text.getBytes(StandardCharsets.US_ASCII)),
        ValueEncoding.decode((text + "x").getBytes(StandardCharsets.US_ASCII), text.length()))) {
      if (value instanceof byte[] bytes) {
        assertThat(read).isEqualTo(bytes);
      } else {
        assertThat(read).isEqualTo(value);
        // A map is equal to one in another order, and to one whose nested arrays print the same.
        assertThat(String.valueOf(read)).isEqualTo(String.valueOf(value));
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("notWritten")
  void whatCannotBeEncodedIsRefusedWithItsPlace(String name, Map<String, Object> row) {
    Object value = ValueCases.value(row.get("value"));
    assertThatExceptionOfType(ValueException.class)
        .isThrownBy(() -> ValueEncoding.encode(value, "output"))
        .withMessageStartingWith("output")
        .withMessageContaining((String) Objects.requireNonNull(row.get("message")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("notRead")
  void whatIsNoEncodedValueIsRefused(String name, Map<String, Object> row) {
    assertThatExceptionOfType(ValueException.class)
        .isThrownBy(() -> ValueEncoding.decode((String) Objects.requireNonNull(row.get("encoded"))))
        .withMessageContaining((String) Objects.requireNonNull(row.get("message")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forCommands")
  void commandsSeeJsonWithoutMarks(String name, Map<String, Object> row) {
    Object value = ValueCases.value(row.get("value"));
    if (row.get("message") instanceof String message) {
      assertThatExceptionOfType(ValueException.class)
          .isThrownBy(() -> JsonValues.text(value, "x"))
          .withMessageContaining(message);
    } else {
      assertThat(JsonValues.text(value, "x")).isEqualTo(row.get("text"));
    }
  }

  @Test
  void javaHasMoreTypesThanTheEncoding() {
    assertThat(throughEncoding(new double[] {0.5, Double.NaN})).isEqualTo(List.of(0.5, Double.NaN));
    assertThat(throughEncoding(new int[] {1, 2})).isEqualTo(List.of(1L, 2L));
    assertThat(throughEncoding(new long[] {1, 2})).isEqualTo(List.of(1L, 2L));
    assertThat(throughEncoding(0.1f)).isEqualTo(0.1);
    assertThat(throughEncoding((short) 7)).isEqualTo(7L);
    assertThat(throughEncoding(new BigDecimal("0.10"))).isEqualTo(0.1);
    assertThat(throughEncoding(Set.of("a"))).isEqualTo(List.of("a"));
    assertThat(throughEncoding(Path.of("/data/f"))).isEqualTo(FileRef.of(Path.of("/data/f")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e400", "0.1234567890123456789012345"})
  void refusesDecimalsThatNoDoubleHolds(String number) {
    assertThatExceptionOfType(ValueException.class)
        .isThrownBy(() -> ValueEncoding.encode(Map.of("n", new BigDecimal(number)), "x"))
        .withMessageContaining("x.n is a BigDecimal that no double holds");
  }

  @Test
  void whatIsReadCannotBeChanged() {
    Map<?, ?> read =
        (Map<?, ?>) Objects.requireNonNull(throughEncoding(Map.of("a", List.of(List.of(1)))));
    List<?> list = (List<?>) Objects.requireNonNull(read.get("a"));
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(read::clear);
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(list::clear);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(((List<?>) list.get(0))::clear);
  }

  @Test
  void aPythonValueIsPassedOnAsItCame() {
    String text = "{\"$python\":[[1,2],null,\"pickle\",\"gAVLAS4=\"]}";
    Object read = ValueEncoding.decode(text);
    assertThat(read).isInstanceOf(PythonValue.class);
    assertThat(ValueEncoding.encodeToString(read, "x"))
        .isEqualTo("{\"$python\":[null,null,\"pickle\",\"gAVLAS4=\"]}");
    assertThat(PythonValue.readable(read, "x")).isEqualTo(List.of(1L, 2L));
    assertThat(JsonValues.text(Map.of("a", Objects.requireNonNull(read)), "x"))
        .isEqualTo("{\"a\":[1,2]}");
  }

  @Test
  void thatAPythonValueNamesFilesIsToldToThoseWhoBringThem() {
    String text = "{\"$python\":[[{\"$file\":\"/x\"}],null,\"pickle\",\"gAVLAS4=\"]}";
    assertThat(ValueEncoding.encodeToString(ValueEncoding.decode(text), "x")).isEqualTo(text);
  }

  @Test
  void aPythonValueWithoutAnEncodingSaysWhy() {
    String text =
        "{\"a\":{\"$python\":[null,\"output.a is a set\",\"pickle\",\"gAVLAS4=\"]},\"b\":1}";
    Object read = ValueEncoding.decode(text);
    assertThat(ValueEncoding.encodeToString(read, "x")).isEqualTo(text);
    assertThat(
            PythonValue.readable(Objects.requireNonNull(PythonValue.named(read)).get("b"), "x"))
        .isEqualTo(1L);
    assertThatExceptionOfType(ValueException.class)
        .isThrownBy(() -> PythonValue.readable(read, "the input 'x'"))
        .withMessage("the input 'x' cannot be read: output.a is a set");
    assertThatExceptionOfType(ValueException.class)
        .isThrownBy(() -> JsonValues.text(read, "x"))
        .withMessage("x.a cannot be read: output.a is a set");
  }

  @Test
  void namedOutputsOfAPythonValueAreReadOneByOne() {
    Object read = ValueEncoding.decode(
        "{\"$python\":[{\"a\":{\"$python\":[[1],null,\"pickle\",\"\"]},\"b\":2},null,\"pickle\",\"\"]}");
    assertThat(PythonValue.readable(read, "x")).isEqualTo(Map.of("a", List.of(1L), "b", 2L));
    assertThat(Objects.requireNonNull(PythonValue.named(read)).get("a"))
        .isInstanceOf(PythonValue.class);
    assertThat(PythonValue.named(List.of())).isNull();
  }

  @Test
  void refusesWhatHoldsItself() {
    List<Object> endless = new ArrayList<>();
    endless.add(endless);
    assertThatExceptionOfType(ValueException.class)
        .isThrownBy(() -> ValueEncoding.encode(endless, "x"))
        .withMessageContaining("or holds itself");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[1,", "1 2", "nope", "{\"a\": 1, \"a\": 2}", "1e400"})
  void refusesWhatIsNotOneDocument(String text) {
    assertThatExceptionOfType(ValueException.class).isThrownBy(() -> ValueEncoding.decode(text));
  }

  @Test
  void readsFiles(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("value.json");
    Files.write(file, "{\"a\": [1]}\n".getBytes(StandardCharsets.UTF_8));
    assertThat(ValueEncoding.decode(file)).isEqualTo(Map.of("a", List.of(1L)));
    assertThatExceptionOfType(ValueException.class)
        .isThrownBy(() -> ValueEncoding.decode(directory.resolve("none")))
        .withMessageContaining("none");
  }
}
