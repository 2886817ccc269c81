package dev.muster.pixi;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Compresses in several threads: each megabyte is a gzip member of its own, which every gzip reads as one file. Memory is bounded by a few megabytes for each
 * thread. Not thread-safe.
 */
final class ParallelGzip extends OutputStream {
  private static final int BLOCK = 1 << 20;
  private static final int MOST_THREADS = 8;

  private final OutputStream out;
  private final int level;
  private final int most;
  private final ExecutorService threads;
  private final Deque<Future<Member>> queue = new ArrayDeque<>();
  private final Deque<byte[]> free = new ArrayDeque<>();
  private byte[] block = new byte[BLOCK];
  private int filled;

  /** A block and what it became. */
  private static final class Member {
    final byte[] block;
    final byte[] bytes;

    Member(byte[] block, byte[] bytes) {
      this.block = block;
      this.bytes = bytes;
    }
  }

  /**
   * @param level 1, fast, to 9, small
   */
  ParallelGzip(OutputStream out, int level) {
    this.out = out;
    this.level = level;
    int count = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    this.most = count + 2;
    this.threads = Executors.newFixedThreadPool(count, task -> {
      Thread thread = new Thread(task, "muster-pack");
      thread.setDaemon(true);
      return thread;
    });
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int left = length;
    while (left > 0) {
      int part = Math.min(left, BLOCK - filled);
      System.arraycopy(bytes, from, block, filled, part);
      filled += part;
      from += part;
      left -= part;
      if (filled == BLOCK) {
        submit();
      }
    }
  }

  private void submit() throws IOException {
    byte[] full = block;
    int length = filled;
    queue.add(threads.submit(() -> new Member(full, gzip(full, length, level))));
    if (queue.size() >= most) {
      drain();
    }
    block = free.isEmpty() ? new byte[BLOCK] : free.pop();
    filled = 0;
  }

  private void drain() throws IOException {
    try {
      Member member = queue.remove().get();
      out.write(member.bytes);
      free.push(member.block);
    } catch (ExecutionException e) {
      throw new IOException("compressing failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while an environment was packed");
    }
  }

  private static byte[] gzip(byte[] block, int length, int level) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(length / 2 + 64);
    bytes.write(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3});
    Deflater deflater = new Deflater(level, true);
    try {
      deflater.setInput(block, 0, length);
      deflater.finish();
      byte[] part = new byte[1 << 16];
      while (!deflater.finished()) {
        bytes.write(part, 0, deflater.deflate(part));
      }
    } finally {
      deflater.end();
    }
    CRC32 crc = new CRC32();
    crc.update(block, 0, length);
    little(bytes, (int) crc.getValue());
    little(bytes, length);
    return bytes.toByteArray();
  }

  private static void little(ByteArrayOutputStream bytes, int value) {
    for (int i = 0; i < 4; i++) {
      bytes.write(value >>> (8 * i));
    }
  }

  /** Writes what is left. */
  void finish() throws IOException {
    if (filled > 0) {
      submit();
    }
    while (!queue.isEmpty()) {
      drain();
    }
    out.flush();
  }

  @Override
  public void close() throws IOException {
    threads.shutdownNow();
    out.close();
  }
}
