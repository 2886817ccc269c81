package dev.muster.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BoundedValueTest {
  private static @Nullable Object bounded(@Nullable Object value) {
    return BoundedValue.of(value).value();
  }

  @Test
  void keepsWhatIsSmall() {
    List<Object> values = Arrays.asList(1, 2.5, "text", null, true, BigInteger.TWO.pow(100));
    assertThat(bounded(values)).isEqualTo(values);
    assertThat(bounded(Map.of("a", List.of(1L)))).isEqualTo(Map.of("a", List.of(1L)));
    assertThat(bounded(new byte[] {1, 2})).isEqualTo(new byte[] {1, 2});
    assertThat(bounded(new double[] {1, 2})).isEqualTo(List.of(1.0, 2.0));
    assertThat(bounded(new AtomicLong(7))).isEqualTo(7L);
    assertThat(bounded(Duration.ofSeconds(1))).isEqualTo("PT1S");
    assertThat(bounded("x".repeat(EventText.MOST_BYTES))).isEqualTo("x".repeat(16 * 1024));
  }

  @Test
  void takesACopy() {
    List<Object> list = new ArrayList<>(List.of(1));
    Object copy = bounded(list);
    list.add("x".repeat(1_000_000));
    assertThat(copy).isEqualTo(List.of(1));
  }

  static Stream<Arguments> large() {
    Map<String, Integer> mapping = new LinkedHashMap<>();
    IntStream.range(0, 100_000).forEach(i -> mapping.put("k" + i, i));
    return Stream.of(
        Arguments.of(new byte[5_000_000], "{\"$bytes\":\"AAAA", "... (5000000 bytes)"),
        Arguments.of(
            Collections.nCopies(1_000_000, 12), "[12,12,", "... (a list of 1000000 items)"),
        Arguments.of(new long[1_000_000], "[0,0,", "... (1000000 items)"),
        Arguments.of(mapping, "{\"k0\":0,\"k1\":1,", "... (a mapping of 100000 entries)"),
        Arguments.of(
            List.of(Collections.nCopies(1_000_000, 12)), "[[12,12,", "... (a list of 1 items)"),
        Arguments.of(BigInteger.ONE.shiftLeft(1_000_000), "99", "... (a java.math.BigInteger)"),
        Arguments.of(
            Optional.of("\u20ac".repeat(1_000_000)),
            "\"Optional[\u20ac",
            "... (a java.util.Optional)"),
        Arguments.of("x".repeat(1_000_000), "xx", "... (1000000 characters)"));
  }

  @ParameterizedTest
  @MethodSource("large")
  void saysWhatWasCut(Object value, String beginning, String end) {
    assertThat(bounded(value)).isInstanceOfSatisfying(String.class, text -> {
      assertThat(text).startsWith(beginning).endsWith(end);
      assertThat(text.getBytes(StandardCharsets.UTF_8))
          .hasSizeBetween(EventText.MOST_BYTES - 100, EventText.MOST_BYTES + 100);
    });
  }

  @Test
  void boundsWhatATaskNotesTogether() {
    TaskNotes notes = new TaskNotes();
    for (int i = 0; i < 10_000; i++) {
      notes.diagnostic(7, "again", "x".repeat(1000));
    }
    assertThat(notes.diagnostics(7)).containsOnlyKeys("again");
    for (int i = 0; i < 10_000; i++) {
      notes.diagnostic(7, "n" + i, List.of("x".repeat(1000)));
    }
    Map<String, @Nullable Object> noted = notes.diagnostics(7);
    assertThat(noted).containsKeys("again", "n0", "n1").hasSizeLessThan(100);
    assertThat(noted.get("(more)"))
        .isInstanceOfSatisfying(
            String.class,
            text -> assertThat(text).startsWith("left out, as the diagnostics").contains("64 KiB"));
    assertThat(noted.toString()).hasSizeLessThan(2 * TaskNotes.MOST_BYTES);
  }
}
