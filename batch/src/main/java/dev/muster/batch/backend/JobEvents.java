package dev.muster.batch.backend;

import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import dev.muster.value.ValueEncoding;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Reads what a job tells of its tasks: {@code muster_batch/events.py} writes it. Not thread-safe. */
final class JobEvents {
  private long offset;

  /** Begins again: everything is new. */
  void again() {
    offset = 0;
  }

  /**
   * Returns what was told since this was last asked. What a job was writing when it ended is left out.
   *
   * @param file where the job tells it
   * @throws MusterException if the file cannot be read
   */
  List<Map<?, ?>> read(Path file) {
    byte[] bytes;
    // Not a channel: an interrupt of this thread would close it.
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long size = in.length();
      if (size <= offset) {
        return List.of();
      }
      in.seek(offset);
      bytes = new byte[Math.toIntExact(size - offset)];
      in.readFully(bytes);
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw new MusterException(
          "what a job has told cannot be read from " + file + ": " + IoErrors.describe(e), e);
    }
    List<Map<?, ?>> events = new ArrayList<>();
    int begin = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        if (ValueEncoding.decode(Arrays.copyOfRange(bytes, begin, i)) instanceof Map<?, ?> event) {
          events.add(event);
        }
        begin = i + 1;
      }
    }
    offset += begin;
    return events;
  }
}
