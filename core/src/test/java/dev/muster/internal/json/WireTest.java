package dev.muster.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.value.FileRef;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WireTest {
  private static final String WHAT = "the output of select";

  private static void refused(@Nullable Object value, String... words) {
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> Wire.encode(value, WHAT))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.SERIALIZATION))
        .satisfies(e -> assertThat(e.getMessage()).startsWith(WHAT).contains(words));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    Map<String, @Nullable Object> value = new LinkedHashMap<>();
    value.put("none", null);
    value.put("text", "größe\n\u2028\uD83D\uDE00");
    value.put("numbers", List.of(1L, 0.5, new BigInteger("123456789012345678901234567890")));
    value.put("special", List.of(Double.NaN, Double.POSITIVE_INFINITY, true));
    value.put("file", FileRef.of(Path.of("/data/f.root")));
    value.put("nested", Map.of("deeper", List.of(List.of(), Map.of())));
    byte[] bytes = Wire.encode(value, WHAT);
    assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).matches("[ -~]+");
    assertThat(Wire.decode(bytes)).isEqualTo(value);
    assertThat(Wire.decode(Wire.text(value, WHAT))).isEqualTo(value);
    assertThat(Wire.decode(Arrays.copyOf(bytes, bytes.length + 9), bytes.length))
        .isEqualTo(value);
  }

  @Test
  void bytesAndArraysTravel() {
    byte[] bytes = {0, -1, 127, 10};
    assertThat(Wire.decode(Wire.encode(bytes, WHAT))).isEqualTo(bytes);
    assertThat(Wire.decode(Wire.encode(new double[] {0.5, Double.NaN}, WHAT)))
        .isEqualTo(List.of(0.5, Double.NaN));
    assertThat(Wire.decode(Wire.encode(new int[] {1, 2}, WHAT))).isEqualTo(List.of(1L, 2L));
    assertThat(Wire.decode(Wire.encode(0.1f, WHAT))).isEqualTo(0.1);
  }

  @Test
  void aSetIsAList() {
    assertThat(Wire.text(Set.of("a"), WHAT)).isEqualTo("[\"a\"]");
  }

  @Test
  void aPathIsAFileAndNoListOfNames() {
    assertThat(Wire.decode(Wire.encode(Path.of("/data/f"), WHAT)))
        .isEqualTo(FileRef.of(Path.of("/data/f")));
  }

  @Test
  void saysWhichPartCannotTravel() {
    refused(new Object(), WHAT + " is a java.lang.Object, which cannot leave this JVM");
    refused(
        Map.of("fit", List.of(1, Map.of("model", new StringBuilder()))),
        WHAT + ".fit[1].model is a java.lang.StringBuilder");
  }

  @Test
  void refusesKeysThatAreNoStrings() {
    refused(Map.of("counts", Map.of(7, "x")), WHAT + ".counts has the key 7; keys must be strings");
  }

  @Test
  void deepValuesTravel() {
    Object value = "deep";
    for (int depth = 0; depth < 900; depth++) {
      value = List.of(value);
    }
    assertThat(Wire.decode(Wire.encode(value, WHAT))).isEqualTo(value);
    refused(List.of(value), "is nested too deep, or holds itself");
  }

  @Test
  void refusesWhatHoldsItself() {
    List<Object> endless = new ArrayList<>();
    endless.add(endless);
    refused(endless, "is nested too deep, or holds itself");
  }

  @Test
  void refusesWhatIsNotOneDocument() {
    for (String text : List.of("", "{", "[1,", "1 2", "nope", "{\"$bytes\": \"*\"}")) {
      assertThatExceptionOfType(TaskException.class)
          .as(text)
          .isThrownBy(() -> Wire.decode(text))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.SERIALIZATION));
    }
  }

  @Test
  void readsFiles(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("value.json");
    Files.write(file, "{\"a\": [1]}\n".getBytes(StandardCharsets.UTF_8));
    assertThat(Wire.decode(file)).isEqualTo(Map.of("a", List.of(1L)));
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> Wire.decode(directory.resolve("none")))
        .withMessageContaining("none");
  }
}
