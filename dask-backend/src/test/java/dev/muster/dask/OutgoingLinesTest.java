package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OutgoingLinesTest {
  private final OutgoingLines lines = new OutgoingLines();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private String next() throws InterruptedException {
    byte[] line = lines.take();
    return line == OutgoingLines.END ? "END" : new String(line, StandardCharsets.US_ASCII);
  }

  @Test
  void releasesAreOneLineInTheirPlace() throws Exception {
    lines.add(bytes("a"));
    lines.release(1);
    lines.release(2);
    lines.add(bytes("b"));
    lines.release(3);
    assertThat(next()).isEqualTo("a");
    assertThat(next()).contains("release", "[1,2]");
    assertThat(next()).isEqualTo("b");
    assertThat(next()).contains("release", "[3]");
    assertThat(lines.idle()).isTrue();
  }

  @Test
  void manyReleasesAreSeveralLines() throws Exception {
    IntStream.range(0, 15_000).forEach(lines::release);
    assertThat(next()).contains("[0,1,", ",9999]");
    assertThat(next()).contains("[10000,", ",14999]");
    assertThat(lines.idle()).isTrue();
  }

  @Test
  void whatWaitsIsToldBySayingThatThereIsALine() throws Exception {
    lines.release(1);
    assertThat(lines.idle()).isTrue(); // it waits for others
    lines.add(bytes("a"));
    assertThat(next()).contains("[1]");
    assertThat(lines.idle()).isFalse();
    assertThat(next()).isEqualTo("a");
    lines.end();
    assertThat(next()).isEqualTo("END");
  }
}
