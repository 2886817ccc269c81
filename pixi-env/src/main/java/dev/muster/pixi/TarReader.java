package dev.muster.pixi;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of a tar archive in the GNU or ustar format, one after the other; after {@link #next} it is the
 * content of that file. Not thread-safe.
 */
final class TarReader extends InputStream {
  private static final int BLOCK = 512;
  private static final int LONGEST_NAME = 1 << 16;

  private final InputStream in;
  private final byte[] header = new byte[BLOCK];
  private long size;
  private long left;
  private int padding;

  TarReader(InputStream in) {
    this.in = in;
  }

  /**
   * Goes to the next file, past what is left of this one, past folders and links.
   *
   * @return its name, or null at the end
   * @throws EOFException if the archive is cut off
   */
  @Nullable
  String next() throws IOException {
    String longName = null;
    while (true) {
      in.skipNBytes(left + padding);
      left = 0;
      padding = 0;
      if (in.readNBytes(header, 0, BLOCK) < BLOCK) {
        throw new EOFException("the tar archive has no end");
      }
      if (header[0] == 0) {
        return null;
      }
      size = number(124, 12);
      left = size;
      padding = (int) (-size & (BLOCK - 1));
      char type = (char) header[156];
      if (type == 'L') {
        longName = longName();
      } else if (type == '0' || type == 0) {
        return longName != null ? longName : name();
      } else {
        longName = null;
      }
    }
  }

  private String longName() throws IOException {
    if (size > LONGEST_NAME) {
      throw new EOFException("a name of " + size + " bytes");
    }
    byte[] bytes = new byte[(int) size];
    if (in.readNBytes(bytes, 0, bytes.length) < bytes.length) {
      throw new EOFException("the tar archive has no end");
    }
    left = 0;
    return text(bytes, 0, bytes.length);
  }

  private String name() {
    String name = text(header, 0, 100);
    boolean posix = header[257] == 'u' && header[262] == 0;
    String folder = posix ? text(header, 345, 155) : "";
    return folder.isEmpty() ? name : folder + "/" + name;
  }

  private static String text(byte[] bytes, int offset, int most) {
    int end = offset;
    while (end < offset + most && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, offset, end - offset, StandardCharsets.UTF_8);
  }

  private long number(int offset, int length) throws IOException {
    long value = 0;
    if (header[offset] < 0) { // base 256
      for (int i = 1; i < length; i++) {
        value = (value << 8) | (header[offset + i] & 0xff);
      }
    } else {
      for (int i = offset; i < offset + length; i++) {
        if (header[i] >= '0' && header[i] <= '7') {
          value = (value << 3) | (header[i] - '0');
        }
      }
    }
    if (value < 0) {
      throw new EOFException("a size below zero");
    }
    return value;
  }

  /** Returns the size of this file in bytes. */
  long size() {
    return size;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int read = in.read(bytes, offset, (int) Math.min(length, left));
    if (read < 0) {
      throw new EOFException("the tar archive ends within a file");
    }
    left -= read;
    return read;
  }
}
