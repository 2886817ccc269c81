package dev.muster.examples.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  private static final DimuonEvent EVENT = new DimuonEvent(
      7, new Muon(40.5, 1.25, -2, 1, 0.03), new Muon(30.25, -0.5, 1.5, -1, 0.5), 12.5);

  @TempDir
  Path directory;

  @Test
  void readsWhatItWrote() throws IOException {
    Path file = directory.resolve("sub/some.events");
    EventFile.write(file, 99, 12.5, List.of(EVENT, EVENT));
    assertThat(EventFile.header(file)).isEqualTo(new EventFile.Header(99, 12.5, 2));
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    DimuonEvent read = EventFile.event(bytes, EventFile.HEADER_BYTES + EventFile.EVENT_BYTES);
    assertThat(read.number()).isEqualTo(7);
    assertThat(read.first().pt()).isEqualTo(40.5);
    assertThat(read.first().charge()).isEqualTo(1);
    assertThat(read.second().eta()).isEqualTo(-0.5);
    assertThat(read.second().charge()).isEqualTo(-1);
    assertThat(read.second().isolation()).isEqualTo(0.5);
    assertThat(read.missingEnergy()).isEqualTo(12.5);
    assertThat(read.mass()).isCloseTo(EVENT.mass(), within(1e-4));
  }

  @Test
  void leavesNoPartialFileBehind() throws IOException {
    EventFile.write(directory.resolve("some.events"), 1, 1, List.of(EVENT));
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(directory.resolve("some.events"));
    }
  }

  @Test
  void aFileThatEndsTooSoonIsNotComplete() throws IOException {
    Path file = directory.resolve("some.events");
    EventFile.write(file, 1, 1, List.of(EVENT, EVENT));
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    assertThat(EventFile.headerIfComplete(file)).isNull();
    assertThatIOException()
        .isThrownBy(() -> EventFile.header(file))
        .withMessageContaining("not a complete event file");
  }

  @Test
  void anotherKindOfFileIsNotComplete() throws IOException {
    Path file = directory.resolve("some.events");
    Files.writeString(file, "a text that is longer than the header is");
    assertThat(EventFile.headerIfComplete(file)).isNull();
    assertThat(EventFile.headerIfComplete(directory.resolve("absent"))).isNull();
  }
}
