package dev.muster.pixi;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes a tar archive in the GNU format, which every tar of today reads: names and targets of any length, files of any
 * size, no owners. Not thread-safe.
 */
final class TarWriter {
  private static final int BLOCK = 512;
  private static final int NAME = 100;
  private static final long OCTAL_LIMIT = 1L << 33;
  private static final byte[] ZEROS = new byte[BLOCK];

  private final OutputStream out;
  private long left;
  private int padding;

  TarWriter(OutputStream out) {
    this.out = out;
  }

  /**
   * Begins an entry; the caller then writes as many bytes as it says.
   *
   * @param modified seconds since 1970
   */
  void begin(
      String name, Entry.Kind kind, int mode, long size, long modified, @Nullable String target)
      throws IOException {
    if (left != 0) {
      throw new IOException("the entry before " + name + " is not complete");
    }
    byte[] named = (kind == Entry.Kind.FOLDER ? name + "/" : name).getBytes(StandardCharsets.UTF_8);
    byte[] leads = target == null ? new byte[0] : target.getBytes(StandardCharsets.UTF_8);
    if (leads.length > NAME) {
      longName('K', leads);
    }
    if (named.length > NAME) {
      longName('L', named);
    }
    header(named, kind.tar, mode, size, modified, leads);
    left = size;
    padding = (int) (-size & (BLOCK - 1));
    pad();
  }

  void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > left) {
      throw new IOException("an entry has more bytes than it said");
    }
    out.write(bytes, offset, length);
    left -= length;
    pad();
  }

  private void pad() throws IOException {
    if (left == 0) {
      out.write(ZEROS, 0, padding);
      padding = 0;
    }
  }

  /** Writes the end of the archive; the stream stays open. */
  void finish() throws IOException {
    out.write(ZEROS);
    out.write(ZEROS);
  }

  private void longName(char type, byte[] name) throws IOException {
    header(
        "././@LongLink".getBytes(StandardCharsets.US_ASCII),
        type,
        0644,
        name.length + 1L,
        0,
        new byte[0]);
    out.write(name);
    out.write(0);
    out.write(ZEROS, 0, -(name.length + 1) & (BLOCK - 1));
  }

  private void header(byte[] name, char type, int mode, long size, long modified, byte[] target)
      throws IOException {
    byte[] block = new byte[BLOCK];
    System.arraycopy(name, 0, block, 0, Math.min(NAME, name.length));
    octal(block, 100, 8, mode);
    octal(block, 108, 8, 0);
    octal(block, 116, 8, 0);
    octal(block, 124, 12, size);
    octal(block, 136, 12, Math.max(0, modified));
    block[156] = (byte) type;
    System.arraycopy(target, 0, block, 157, Math.min(NAME, target.length));
    System.arraycopy("ustar  \0".getBytes(StandardCharsets.US_ASCII), 0, block, 257, 8);
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte each : block) {
      sum += each & 0xff;
    }
    octal(block, 148, 7, sum);
    out.write(block);
  }

  private static void octal(byte[] block, int offset, int length, long value) {
    if (length == 12 && value >= OCTAL_LIMIT) { // as GNU tar writes what is too large: in base 256
      for (int i = 0; i < 8; i++) {
        block[offset + 11 - i] = (byte) (value >>> (8 * i));
      }
      block[offset] = (byte) 0x80;
      return;
    }
    for (int i = length - 2; i >= 0; i--) {
      block[offset + i] = (byte) ('0' + (value & 7));
      value >>>= 3;
    }
    block[offset + length - 1] = 0;
  }
}
