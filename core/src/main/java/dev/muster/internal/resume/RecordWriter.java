package dev.muster.internal.resume;

import dev.muster.execution.Durability;
import dev.muster.spi.CodeFiles;
import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Appends records of tasks to a segment file. Each has its length and a checksum, so that a reader knows where whole
 * records end. Nothing is written any more once a write has failed. Thread-safe.
 */
final class RecordWriter implements Closeable {
  static final byte[] HEADER = "muster records 2\n".getBytes(StandardCharsets.US_ASCII);
  static final int FRAME = 2 * Integer.BYTES;
  static final int STAGE = 1;
  static final int DATASET = 2;
  static final int TASK = 3;
  static final int FAILED = 4;
  static final int BEGUN = 5;
  static final int CODE_FILE = 7;
  static final int CODE = 8;

  /** A task's result is kept in its record. */
  static final int KEPT = 1;

  /** A task's result has no digest but the number of its execution. */
  static final int OPAQUE = 2;

  /** A task's result stayed where the task ran, as that of a task in a chain does. */
  static final int STAYED = 4;

  /** The number that stands for no dataset, or no files of code. */
  static final int NOTHING = -1;

  private static final int FLUSH_AT = 1 << 15;

  private final FileOutputStream out;
  private final boolean sync;
  private final CRC32C sum = new CRC32C();
  private final Map<StagePrint, Integer> stages = new HashMap<>();
  private final Map<String, Integer> datasets = new HashMap<>();
  private final IdentityHashMap<CodeFiles, Integer> codes = new IdentityHashMap<>();
  private final Map<CodeFiles.CodeFile, Integer> codeFiles = new HashMap<>();
  private ByteBuffer buffer = ByteBuffer.allocate(2 * FLUSH_AT);
  private int start;
  private boolean unsynced = true;
  private @Nullable IOException failure;

  /**
   * @param file a new file
   * @param durability what the records survive once they are flushed
   */
  RecordWriter(Path file, Durability durability) throws IOException {
    sync = durability == Durability.MACHINE;
    out = new FileOutputStream(file.toFile(), true); // no channel: an interrupt would close it
    out.write(HEADER);
  }

  /** Appends the record of a task that has succeeded. */
  synchronized void task(
      StagePrint print,
      @Nullable String dataset,
      int index,
      @Nullable CodeFiles code,
      long data,
      Hasher key,
      TaskValues values,
      int task,
      int flags,
      List<SavedFile> saved,
      byte[] value,
      int size) {
    int stage = stage(print);
    int from = dataset(dataset);
    int files = code(code);
    begin(TASK, size + 100);
    buffer.putInt(stage).putInt(from).putInt(index).putInt(files);
    buffer.putLong(data).putLong(key.high()).putLong(key.low());
    buffer.putLong(values.high(task)).putLong(values.low(task)).putLong(values.execution(task));
    buffer.put((byte) flags).putShort((short) saved.size());
    for (SavedFile file : saved) {
      text(file.path());
      room(2 * Long.BYTES);
      buffer.putLong(file.size()).putLong(file.changed());
    }
    room(size);
    buffer.put(value, 0, size);
    end();
  }

  /** Appends that a task failed, or that it begins and what an earlier execution has left is gone. */
  synchronized void note(int what, StagePrint print, @Nullable String dataset, int index) {
    int stage = stage(print);
    int from = dataset(dataset);
    begin(what, 3 * Integer.BYTES);
    buffer.putInt(stage).putInt(from).putInt(index);
    end();
  }

  private int stage(StagePrint print) {
    Integer known = stages.get(print);
    if (known != null) {
      return known;
    }
    int number = stages.size();
    stages.put(print, number);
    begin(STAGE, Integer.BYTES);
    text(print.stage());
    room(Integer.BYTES);
    buffer.putInt(print.parts().size());
    print.parts().forEach((name, hash) -> {
      text(name);
      text(hash);
    });
    end();
    return number;
  }

  private int code(@Nullable CodeFiles files) {
    if (files == null) {
      return NOTHING;
    }
    Integer known = codes.get(files);
    if (known != null) {
      return known;
    }
    int number = codes.size();
    codes.put(files, number);
    int[] each = files.files().stream().mapToInt(this::codeFile).toArray();
    begin(CODE, (1 + each.length) * Integer.BYTES);
    buffer.putInt(each.length);
    for (int file : each) {
      buffer.putInt(file);
    }
    end();
    return number;
  }

  // Processes have most files in common.
  private int codeFile(CodeFiles.CodeFile file) {
    Integer known = codeFiles.get(file);
    if (known != null) {
      return known;
    }
    int number = codeFiles.size();
    codeFiles.put(file, number);
    begin(CODE_FILE, 0);
    text(file.kind());
    text(file.path());
    text(file.state() == null ? "" : file.state());
    end();
    return number;
  }

  private int dataset(@Nullable String name) {
    if (name == null) {
      return NOTHING;
    }
    Integer known = datasets.get(name);
    if (known != null) {
      return known;
    }
    int number = datasets.size();
    datasets.put(name, number);
    begin(DATASET, Integer.BYTES);
    text(name);
    end();
    return number;
  }

  private void begin(int type, int bytes) {
    start = buffer.position();
    room(FRAME + 1 + bytes);
    buffer.position(start + FRAME);
    buffer.put((byte) type);
  }

  private void room(int bytes) {
    if (buffer.remaining() < bytes) {
      int position = buffer.position();
      int needed = Math.addExact(position, bytes);
      buffer = ByteBuffer.wrap(Arrays.copyOf(buffer.array(), Math.max(needed, 2 * position)))
          .position(position);
    }
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    room(Integer.BYTES + bytes.length);
    buffer.putInt(bytes.length).put(bytes);
  }

  private void end() {
    int length = buffer.position() - start - FRAME;
    sum.reset();
    sum.update(buffer.array(), start + FRAME, length);
    buffer.putInt(start, length).putInt(start + Integer.BYTES, (int) sum.getValue());
    if (buffer.position() >= FLUSH_AT) {
      write();
    }
  }

  private void write() {
    try {
      if (failure == null) {
        out.write(buffer.array(), 0, buffer.position());
        unsynced = true;
      }
    } catch (IOException e) {
      failure = e;
    }
    buffer = buffer.capacity() > 1 << 20 ? ByteBuffer.allocate(2 * FLUSH_AT) : buffer.clear();
  }

  /**
   * Writes what is gathered to the file.
   *
   * @throws IOException if that fails, or a write before has failed
   */
  synchronized void flush() throws IOException {
    if (buffer.position() > 0) {
      write();
    }
    if (failure != null) {
      throw failure;
    }
    if (sync && unsynced) {
      out.getFD().sync();
      unsynced = false;
    }
  }

  @Override
  public synchronized void close() throws IOException {
    try (FileOutputStream closing = out) {
      flush();
      closing.flush();
    }
  }
}
