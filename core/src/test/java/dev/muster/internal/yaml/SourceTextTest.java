package dev.muster.internal.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.WorkflowException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTextTest {
  @TempDir
  Path folder;

  @Test
  void takesAByteOrderMarkAway() throws IOException {
    byte[] bytes = "\uFEFFa: b".getBytes(StandardCharsets.UTF_8);

    assertThat(SourceText.of("f", new ByteArrayInputStream(bytes)).text()).isEqualTo("a: b");
  }

  @Test
  void stopsReadingAtTheLimit() {
    AtomicLong given = new AtomicLong();
    InputStream endless = new InputStream() {
      @Override
      public int read() {
        given.incrementAndGet();
        return 'a';
      }

      @Override
      public int read(byte[] buffer, int from, int count) {
        Arrays.fill(buffer, from, from + count, (byte) '\n');
        given.addAndGet(count);
        return count;
      }
    };

    assertThatThrownBy(() -> SourceText.of("f", endless))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("is larger than 16 MiB");
    assertThat(given.get()).isLessThan(SourceText.MOST_BYTES + 100_000L);
  }

  @Test
  void stopsReadingCharactersAtTheLimit() {
    Reader endless = new Reader() {
      @Override
      public int read(char[] buffer, int from, int count) {
        Arrays.fill(buffer, from, from + count, '\n');
        return count;
      }

      @Override
      public void close() {}
    };

    assertThatThrownBy(() -> SourceText.of("f", endless)).hasMessageContaining("larger than");
  }

  @Test
  void refusesEndlessLines() {
    String text = "a: b\nc: " + "x".repeat(SourceText.LONGEST_LINE);

    assertThatThrownBy(() -> SourceText.of("f", text))
        .hasMessage("f:2:1: the line is longer than 100000 characters; break it, or put long"
            + " content into a file of its own");
  }

  @Test
  void refusesHalvesOfCharacters() {
    assertThatThrownBy(() -> SourceText.of("f", "a: \uD83D"))
        .hasMessageContaining("f:1:4: the character U+D83D is not allowed");
  }

  @Test
  void saysThatAFileIsMissing() {
    assertThatThrownBy(() -> SourceText.of(folder.resolve("none.yaml")))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("none.yaml does not exist; looked for " + folder);
  }

  @Test
  void saysThatAFileIsADirectory() {
    assertThatThrownBy(() -> SourceText.of(folder))
        .hasMessageContaining("is a directory, not a file");
  }

  @Test
  void findsTheFirstBadByte() {
    byte[] bytes = "a: é\nb: x\u00ff".getBytes(StandardCharsets.UTF_8);
    bytes[bytes.length - 1] = (byte) 0xFF;

    assertThatThrownBy(() -> SourceText.of("f", new ByteArrayInputStream(bytes)))
        .hasMessageStartingWith("f:2:5: the file is not UTF-8");
  }
}
