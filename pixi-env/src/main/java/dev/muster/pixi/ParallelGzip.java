package dev.muster.pixi;

import dev.muster.internal.thread.RunThreads;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Compresses in several threads: each block is a gzip member of its own, which every gzip reads as one file. Blocks and
 * what they become lie in memory that is used again and again, half a megabyte for each of a few blocks a thread. Not
 * thread-safe.
 */
final class ParallelGzip extends OutputStream {
  private static final int BLOCK = 1 << 18;
  private static final int MOST_THREADS = 8;
  private static final int BLOCKS_A_THREAD = 4;

  private final OutputStream out;
  private final int most;
  private final ExecutorService threads;
  private final Deque<Future<Member>> queue = new ArrayDeque<>();
  private final Deque<Member> all = new ArrayDeque<>();
  private final Deque<Member> free = new ArrayDeque<>();
  private final int level;
  private Member member;

  /** A block and what it becomes. Used by one thread at a time. */
  private static final class Member {
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    private static final int TRAILER = 8;

    private final byte[] block = new byte[BLOCK];
    private final byte[] bytes = new byte[HEADER.length + BLOCK + BLOCK / 100 + 64 + TRAILER];
    private final Deflater deflater;
    private final CRC32 crc = new CRC32();
    private int filled;
    private int length;

    Member(int level) {
      deflater = new Deflater(level, true);
      System.arraycopy(HEADER, 0, bytes, 0, HEADER.length);
    }

    int fill(byte[] from, int offset, int most) {
      int part = Math.min(most, BLOCK - filled);
      System.arraycopy(from, offset, block, filled, part);
      filled += part;
      return part;
    }

    Member compress() {
      deflater.reset();
      deflater.setInput(block, 0, filled);
      deflater.finish();
      length = HEADER.length;
      length += deflater.deflate(bytes, length, bytes.length - TRAILER - length);
      if (!deflater.finished()) {
        throw new IllegalStateException("a block became larger than deflate can make it");
      }
      crc.reset();
      crc.update(block, 0, filled);
      little((int) crc.getValue());
      little(filled);
      return this;
    }

    private void little(int value) {
      for (int i = 0; i < 4; i++) {
        bytes[length++] = (byte) (value >>> (8 * i));
      }
    }
  }

  /**
   * @param level 1, fast, to 9, small
   */
  ParallelGzip(OutputStream out, int level) {
    this.out = out;
    this.level = level;
    int count = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    this.most = count * BLOCKS_A_THREAD;
    this.member = member();
    this.threads = Executors.newFixedThreadPool(count, RunThreads.daemons("pack", RunThreads.ALL));
  }

  private Member member() {
    Member free = this.free.poll();
    if (free == null) {
      free = new Member(level);
      all.add(free);
    }
    free.filled = 0;
    return free;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    for (int done = 0; done < length; ) {
      done += member.fill(bytes, offset + done, length - done);
      if (member.filled == BLOCK) {
        submit();
      }
    }
  }

  private void submit() throws IOException {
    queue.add(threads.submit(member::compress));
    while (!queue.isEmpty() && (queue.size() >= most || queue.peek().isDone())) {
      drain();
    }
    member = member();
  }

  private void drain() throws IOException {
    try {
      Member done = queue.remove().get();
      out.write(done.bytes, 0, done.length);
      free.push(done);
    } catch (ExecutionException e) {
      throw new IOException("compressing failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while an environment was packed");
    }
  }

  /** Writes what is left. */
  void finish() throws IOException {
    if (member.filled > 0) {
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
    try {
      // A thread that still compresses has memory of its deflater in its hands.
      if (threads.awaitTermination(1, TimeUnit.MINUTES)) {
        all.forEach(each -> each.deflater.end());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    out.close();
  }
}
