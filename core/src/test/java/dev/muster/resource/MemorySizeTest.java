package dev.muster.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemorySizeTest {
  @ParameterizedTest
  @CsvSource({
    "4GB, 4000000000",
    "4G, 4000000000",
    "4gb, 4000000000",
    "8Gi, 8589934592",
    "8GiB, 8589934592",
    "8gib, 8589934592",
    "512MiB, 536870912",
    "1.5GB, 1500000000",
    "0.5KiB, 512",
    "2T, 2000000000000",
    "1PiB, 1125899906842624",
    "1000, 1000",
    "7B, 7",
    "0, 0",
    "' 16 GB ', 16000000000",
    "9223372036854775807, 9223372036854775807",
  })
  void readsEveryForm(String text, long bytes) {
    assertThat(MemorySize.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0B",
    "1, 1B",
    "1001, 1001B",
    "1000, 1KB",
    "1024, 1KiB",
    "4000000000, 4GB",
    "8589934592, 8GiB",
    "1125899906842624, 1PiB",
    "9223372036854775807, 9223372036854775807B",
  })
  void writesTheShortestExactForm(long bytes, String text) {
    assertThat(MemorySize.ofBytes(bytes)).hasToString(text);
    assertThat(MemorySize.parse(text)).isEqualTo(MemorySize.ofBytes(bytes));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "GB",
        "-1",
        "-4GB",
        "+4GB",
        "4 G B",
        "4XB",
        "4i",
        "4iB",
        "1e9",
        "0x10",
        "1,5GB",
        ".5GB",
        "4.GB",
        "４GB",
        "NaN",
        "4GB;rm",
        "4GB\n5GB"
      })
  void rejectsWhatIsNoSize(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemorySize.parse(text))
        .withMessageContaining("'" + text.replace("\n", "\\n") + "' is not a memory size")
        .withMessageContaining("4GB");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9223372036854775808",
        "9999999999999999999",
        "9007PiB",
        "0.5",
        "1.0001KB",
        "0.0000000001"
      })
  void rejectsWhatIsNoWholeNumberOfBytes(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> MemorySize.parse(text));
  }

  @Test
  void rejectsLongTextAtOnceAndShowsItsBeginning() {
    String spaces = "1" + " ".repeat(1_000_000) + "x";
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> assertThatIllegalArgumentException()
            .isThrownBy(() -> MemorySize.parse(spaces))
            .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(250)));
  }

  @Test
  void rejectsNegativeBytes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemorySize.ofBytes(-1))
        .withMessageContaining("-1");
  }

  @Test
  void comparesByBytes() {
    assertThat(MemorySize.parse("1GiB")).isGreaterThan(MemorySize.parse("1GB"));
    assertThat(MemorySize.parse("1000KB")).isEqualByComparingTo(MemorySize.parse("1MB"));
  }
}
