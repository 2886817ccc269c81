package dev.muster.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {
  @TempDir
  Path directory;

  private Path file;

  @BeforeEach
  void file() {
    file = directory.resolve("log");
  }

  @Test
  void isEmptyWithoutAFile() {
    assertThat(LogTail.of(file)).isEmpty();
  }

  @Test
  void keepsAShortLog() throws IOException {
    Files.writeString(file, "one\ntwo\n\n");
    assertThat(LogTail.of(file)).isEqualTo("one\ntwo");
  }

  @Test
  void keepsTheLastTwentyLines() throws IOException {
    Files.writeString(
        file,
        IntStream.rangeClosed(1, 100).mapToObj(i -> "l" + i).collect(Collectors.joining("\n")));
    assertThat(LogTail.of(file).lines()).hasSize(21).startsWith("...", "l81").endsWith("l100");
  }

  @Test
  void keepsTheLastEightKilobytes() throws IOException {
    Files.writeString(file, "x".repeat(1_000_000) + "end");
    assertThat(LogTail.of(file)).hasSize(8192 + 4).startsWith("...\n").endsWith("xend");
  }

  @Test
  void survivesBytesThatAreNoText() throws IOException {
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 'a'});
    assertThat(LogTail.of(file)).endsWith("a");
  }

  @Test
  void saysThatALogCannotBeRead() {
    assertThat(LogTail.of(directory)).contains("cannot be read");
  }
}
