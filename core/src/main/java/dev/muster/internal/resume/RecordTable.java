package dev.muster.internal.resume;

import dev.muster.internal.io.IoErrors;
import dev.muster.spi.CodeFiles;
import dev.muster.spi.CodeFiles.CodeFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of a run directory: the last one of each task, by stage, dataset and number. Values stay on disk.
 * Immutable once read, and thread-safe.
 */
final class RecordTable {
  private static final Logger log = LoggerFactory.getLogger(RecordTable.class);
  private static final int LONGEST = ValueCoder.LARGEST + (64 << 20);

  /** In place of a record's number where there is none. */
  static final int NONE = -1;

  /** In place of a record's number where the task has only failed. */
  static final int FAILED = -2;

  /** In place of a record's number where the files of its result were given up for another execution. */
  static final int GONE = -3;

  private static final int ROW_FAILED = -1;

  /** Less the number of the segment that says so. */
  private static final int ROW_GONE = -2;

  // A task's record: its type, what it belongs to, numbers of eight bytes, flags, files, value.
  private static final int HEAD = 4 * Integer.BYTES;
  private static final int WIDTH = 6;

  private final List<Path> segments;
  private final Map<String, Map<String, int[]>> byName = new HashMap<>();
  private final List<StagePrint> prints = new ArrayList<>();
  private final List<CodeFiles> codes = new ArrayList<>();
  private long[] numbers = new long[WIDTH * 64];
  private long[] places = new long[64];
  private int[] segmentOf = new int[64];
  private int[] printOf = new int[64];
  private int[] codeOf = new int[64];
  private byte[] flags = new byte[64];
  private boolean[] withFiles = new boolean[64];
  private int count;
  private int torn;

  private RecordTable(List<Path> segments) {
    this.segments = List.copyOf(segments);
  }

  /** Returns a table without records. */
  static RecordTable empty() {
    return new RecordTable(List.of());
  }

  /**
   * Reads segments.
   *
   * @param segments the files, the oldest first; a part at the end of one that is not whole is left out
   * @throws IOException if one cannot be read
   */
  static RecordTable read(List<Path> segments) throws IOException {
    RecordTable table = new RecordTable(segments);
    for (int i = 0; i < segments.size(); i++) {
      table.readSegment(i);
    }
    return table;
  }

  private void readSegment(int segment) throws IOException {
    Path file = segments.get(segment);
    List<Integer> stages = new ArrayList<>();
    List<String> datasets = new ArrayList<>();
    List<CodeFile> codeFiles = new ArrayList<>();
    int firstCode = codes.size();
    CRC32C sum = new CRC32C();
    byte[] content = new byte[1 << 12];
    long at = RecordWriter.HEADER.length;
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      if (!Arrays.equals(in.readNBytes(RecordWriter.HEADER.length), RecordWriter.HEADER)) {
        torn++;
        return;
      }
      while (true) {
        int first = in.read();
        if (first < 0) {
          return;
        }
        int length = (first << 24) | (in.readUnsignedByte() << 16) | in.readUnsignedShort();
        int expected = in.readInt();
        if (length < 1 || length > LONGEST) {
          break;
        }
        if (content.length < length) {
          content = new byte[Math.max(length, Math.min(LONGEST, 2 * content.length))];
        }
        in.readFully(content, 0, length);
        sum.reset();
        sum.update(content, 0, length);
        if ((int) sum.getValue() != expected) {
          break;
        }
        take(
            ByteBuffer.wrap(content, 0, length),
            segment,
            at,
            stages,
            datasets,
            codeFiles,
            firstCode);
        at += RecordWriter.FRAME + length;
      }
    } catch (EOFException e) {
      log.debug("the last record of {} is not whole", file, e);
    }
    torn++;
    log.debug("records of {} end at byte {}", file, at);
  }

  private void take(
      ByteBuffer in,
      int segment,
      long at,
      List<Integer> stages,
      List<String> datasets,
      List<CodeFile> codeFiles,
      int firstCode) {
    int type = in.get();
    switch (type) {
      case RecordWriter.STAGE -> {
        String stage = text(in);
        Map<String, String> parts = new HashMap<>();
        for (int left = in.getInt(); left > 0; left--) {
          String name = text(in);
          parts.put(name, text(in));
        }
        stages.add(prints.size());
        prints.add(new StagePrint(stage, parts, false, null));
      }
      case RecordWriter.DATASET -> datasets.add(text(in));
      case RecordWriter.CODE_FILE -> {
        String kind = text(in);
        String path = text(in);
        String state = text(in);
        codeFiles.add(new CodeFile(kind, path, state.isEmpty() ? null : state));
      }
      case RecordWriter.CODE -> {
        List<CodeFile> files = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
          files.add(codeFiles.get(in.getInt()));
        }
        codes.add(new CodeFiles(files));
      }
      case RecordWriter.TASK, RecordWriter.FAILED, RecordWriter.BEGUN -> {
        int print = stages.get(in.getInt());
        int dataset = in.getInt();
        String name = dataset < 0 ? "" : datasets.get(dataset);
        int index = in.getInt();
        if (type == RecordWriter.TASK) {
          int code = in.getInt();
          int id = add(in, segment, at, print);
          codeOf[id] = code < 0 ? RecordWriter.NOTHING : firstCode + code;
          put(prints.get(print).stage(), name, index, id + 1);
        } else {
          note(type, print, name, index, segment);
        }
      }
      default -> log.debug("a record of type {} is of a later version", type);
    }
  }

  private int add(ByteBuffer in, int segment, long at, int print) {
    if (count == places.length) {
      numbers = Arrays.copyOf(numbers, numbers.length * 2);
      places = Arrays.copyOf(places, count * 2);
      segmentOf = Arrays.copyOf(segmentOf, count * 2);
      printOf = Arrays.copyOf(printOf, count * 2);
      codeOf = Arrays.copyOf(codeOf, count * 2);
      flags = Arrays.copyOf(flags, count * 2);
      withFiles = Arrays.copyOf(withFiles, count * 2);
    }
    int id = count++;
    for (int i = 0; i < WIDTH; i++) {
      numbers[id * WIDTH + i] = in.getLong();
    }
    places[id] = at;
    segmentOf[id] = segment;
    printOf[id] = print;
    flags[id] = in.get();
    withFiles[id] = in.getShort() != 0;
    return id;
  }

  private void put(String stage, String dataset, int index, int row) {
    Map<String, int[]> own = byName.computeIfAbsent(stage, absent -> new HashMap<>());
    int[] rows = own.get(dataset);
    if (rows == null || rows.length <= index) {
      int before = rows == null ? 0 : rows.length;
      int[] longer = new int[Math.max(index + 1, Math.max(8, before * 2))];
      if (rows != null) {
        System.arraycopy(rows, 0, longer, 0, before);
      }
      rows = longer;
      own.put(dataset, rows);
    }
    rows[index] = row;
  }

  private void note(int type, int print, String dataset, int index, int segment) {
    String stage = prints.get(print).stage();
    int id = find(stage, dataset, index);
    if (type == RecordWriter.FAILED && id == NONE) {
      put(stage, dataset, index, ROW_FAILED);
    } else if (type == RecordWriter.BEGUN && id >= 0 && withFiles[id]) {
      put(stage, dataset, index, ROW_GONE - segment);
    }
  }

  /** Returns the number of a task's record, or {@link #NONE}, {@link #FAILED} or {@link #GONE}. */
  int find(String stage, String dataset, int index) {
    int row = row(stage, dataset, index);
    return row > 0 ? row - 1 : row == ROW_FAILED ? FAILED : row <= ROW_GONE ? GONE : NONE;
  }

  private int row(String stage, String dataset, int index) {
    Map<String, int[]> own = byName.get(stage);
    int[] rows = own == null ? null : own.get(dataset);
    return rows == null || rows.length <= index ? 0 : rows[index];
  }

  /** Tells whether no segment says what became of an attempt that a controller of the run has begun. */
  boolean isNew(String stage, String dataset, int index, int controller) {
    int row = row(stage, dataset, index);
    if (row > 0) {
      return controllerOf(segmentOf[row - 1]) < controller;
    }
    return row > ROW_GONE || controllerOf(ROW_GONE - row) <= controller;
  }

  private int controllerOf(int segment) {
    return Integer.parseInt(String.valueOf(segments.get(segment).getFileName()));
  }

  /** Returns how many records there are, those that later ones replace included. */
  int size() {
    return count;
  }

  /** Returns how many segments end in a part of a record. */
  int torn() {
    return torn;
  }

  /** Returns the number of the print of a record; those of one number are the same. */
  int printNumber(int id) {
    return printOf[id];
  }

  StagePrint print(int id) {
    return prints.get(printOf[id]);
  }

  /** Returns the files that the code of the task came from, or null if that is not known. */
  @Nullable
  CodeFiles code(int id) {
    return codeOf[id] < 0 ? null : codes.get(codeOf[id]);
  }

  /** Returns the state of the data that the task had a share in. */
  long data(int id) {
    return numbers[id * WIDTH];
  }

  /** Tells whether a record has the key that a hasher has computed. */
  boolean hasKey(int id, Hasher key) {
    return numbers[id * WIDTH + 1] == key.high() && numbers[id * WIDTH + 2] == key.low();
  }

  /** Puts what a record says of the task's result where it is looked for. */
  void copy(int id, int task, TaskValues values) {
    values.put(task, numbers[id * WIDTH + 3], numbers[id * WIDTH + 4], numbers[id * WIDTH + 5]);
  }

  byte flags(int id) {
    return flags[id];
  }

  boolean kept(int id) {
    return (flags[id] & RecordWriter.KEPT) != 0;
  }

  boolean opaque(int id) {
    return (flags[id] & RecordWriter.OPAQUE) != 0;
  }

  /** Tells whether a result stayed where its task ran. */
  boolean stayed(int id) {
    return (flags[id] & RecordWriter.STAYED) != 0;
  }

  boolean hasFiles(int id) {
    return withFiles[id];
  }

  /**
   * A task's result as its record has it: the files that belong to it, and its value, written by a {@link ValueCoder}.
   */
  static final class Result {
    private final List<SavedFile> files;
    private final byte[] value;

    Result(List<SavedFile> files, byte[] value) {
      this.files = files;
      this.value = value;
    }

    List<SavedFile> files() {
      return files;
    }

    byte[] value() {
      return value;
    }
  }

  /**
   * Reads a task's result.
   *
   * @throws IOException if it is not there any more
   */
  Result result(int id) throws IOException {
    Path segment = segments.get(segmentOf[id]);
    byte[] content;
    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "r")) {
      file.seek(places[id]);
      int length = file.readInt();
      int expected = file.readInt();
      if (length < 1 || length > LONGEST) {
        throw new IOException("the record in " + segment + " has changed");
      }
      content = new byte[length];
      file.readFully(content);
      CRC32C sum = new CRC32C();
      sum.update(content, 0, length);
      if ((int) sum.getValue() != expected) {
        throw new IOException("the record in " + segment + " has changed");
      }
    }
    ByteBuffer in = ByteBuffer.wrap(content);
    in.position(1 + HEAD + WIDTH * Long.BYTES + 1);
    List<SavedFile> files = new ArrayList<>();
    for (int left = in.getShort(); left > 0; left--) {
      files.add(new SavedFile(text(in), in.getLong(), in.getLong()));
    }
    byte[] value = new byte[in.remaining()];
    in.get(value);
    return new Result(files, value);
  }

  /** Tells whether all files of a result are there as they were. */
  boolean isThere(int id) {
    if (!withFiles[id]) {
      return true;
    }
    try {
      return result(id).files().stream().allMatch(SavedFile::isThere);
    } catch (IOException e) {
      log.debug("a record cannot be read: {}", IoErrors.describe(e));
      return false;
    }
  }

  private static String text(ByteBuffer in) {
    byte[] bytes = new byte[in.getInt()];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
