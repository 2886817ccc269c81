package dev.muster.internal.operation;

import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frames to and from a Python process: a length, a number, and that many bytes, as {@code muster_task/protocol.py}
 * says.
 *
 * <p>A thread reads what comes out, so that the caller can be interrupted.
 */
final class PythonChannel {
  /** The number of the frame that says that the process is ready, and of bytes that are no frame. */
  static final long NO_CALL = -1;

  /** The number of a frame with the numbers of calls that the process will not begin. */
  static final long RECALLED = -2;

  private static final long KEEP = -2;
  private static final long LOG = -3;
  private static final long SLOW = -4;

  private static final Logger log = LoggerFactory.getLogger(PythonChannel.class);
  private static final int HEADER = Integer.BYTES + Long.BYTES;
  private static final int QUEUED_FRAMES = 64;
  private static final int LONGEST_FRAME = 257 << 20;
  private static final Frame END = new Frame(NO_CALL, null);

  /**
   * What came out of a process: a message, bytes that are none, which have no number, or the end, which has no
   * content.
   */
  static final class Frame {
    private final long number;
    private final byte @Nullable [] content;

    Frame(long number, byte @Nullable [] content) {
      this.number = number;
      this.content = content;
    }

    long number() {
      return number;
    }

    /** Tells whether nothing more will come. */
    boolean isEnd() {
      return content == null;
    }

    /** Returns the value that it holds; null if it holds none. */
    @Nullable
    Object value() {
      try {
        return content == null ? null : ValueEncoding.decode(content);
      } catch (ValueException e) {
        log.debug("a frame of a Python process is no JSON", e);
        return null;
      }
    }
  }

  private final OutputStream out;
  private final BlockingQueue<Frame> frames = new ArrayBlockingQueue<>(QUEUED_FRAMES);
  private volatile boolean closed;

  PythonChannel(OutputStream out) {
    this.out = out;
  }

  /** Frames that go out together. Not thread-safe. */
  static final class Group {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
    private final DataOutputStream data = new DataOutputStream(bytes);

    /** Adds a call. */
    void call(long number, byte[] content) {
      add(number, content);
    }

    /** Adds JSON that calls name by its id. */
    void keep(int id, byte[] json) {
      add(
          KEEP,
          ByteBuffer.allocate(Integer.BYTES + json.length).putInt(id).put(json).array());
    }

    /** Adds the beginning of the paths of the files that the process prints to. */
    void log(byte[] prefix) {
      add(LOG, prefix);
    }

    private void add(long number, byte[] content) {
      try {
        data.writeInt(content.length);
        data.writeLong(number);
        data.write(content);
      } catch (IOException e) {
        throw new AssertionError(e); // nothing is written but memory
      }
    }

    /** Returns how many bytes it has. */
    int size() {
      return bytes.size();
    }
  }

  /** Returns how many bytes a call takes. */
  static int size(byte[] call) {
    return HEADER + call.length;
  }

  /** Writes frames in one go. May wait for the process to read, if they do not fit into a pipe. */
  void write(Group group) throws IOException {
    group.bytes.writeTo(out);
    out.flush();
  }

  /** Writes what the process needs before any frame. */
  void write(byte[] start) throws IOException {
    out.write(start);
    out.flush();
  }

  /** Tells the process that the call that runs takes its time. */
  void slow() throws IOException {
    out.write(ByteBuffer.allocate(HEADER).putInt(0).putLong(SLOW).array());
    out.flush();
  }

  /** Tells the process that there will be no more. */
  void finish() throws IOException {
    out.close();
  }

  /**
   * Waits for a frame.
   *
   * @return null if none came in that time
   */
  @Nullable
  Frame poll(long nanos) throws InterruptedException {
    return frames.poll(nanos, TimeUnit.NANOSECONDS);
  }

  /** Drops what came and what will come. */
  void close() {
    closed = true;
    frames.clear();
  }

  /** Reads frames until there are no more. */
  void read(InputStream from) {
    try (DataInputStream in = new DataInputStream(from)) {
      while (true) {
        int length = in.readInt();
        long call = in.readLong();
        if (length < 0 || length > LONGEST_FRAME) {
          frames.put(new Frame(NO_CALL, new byte[0]));
          return;
        }
        byte[] frame = new byte[length];
        in.readFully(frame);
        frames.put(new Frame(call, frame));
      }
    } catch (IOException e) {
      log.trace("a Python process has ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  private void end() {
    while (!closed && !frames.offer(END)) {
      try {
        TimeUnit.MILLISECONDS.sleep(10);
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
