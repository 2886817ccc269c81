package dev.muster.batch.backend;

import dev.muster.batch.spi.JobId;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.value.ValueEncoding;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down which jobs a session has, so that others find them when this JVM is gone: a file with a line of JSON
 * for each thing, which only grows.
 *
 * <p>A submission is written down under its tag before the batch system hears of it. Thread-safe.
 */
final class JobRecord implements AutoCloseable {
  /** The name of the file in the session's folder. */
  static final String FILE = "jobs.jsonl";

  /** The name of the file beside it that asks the session to end: whoever wants that makes it. */
  static final String END = "end";

  private static final Logger log = LoggerFactory.getLogger(JobRecord.class);

  private final Path file;
  // Not a channel: an interrupt of the thread that writes would close it.
  private final FileOutputStream out;

  /**
   * Begins a record.
   *
   * @param work the session's folder
   * @param strategy the name of the strategy
   * @param config the options of the execution without which its jobs cannot be asked for
   * @param controller which process of the run this is, counted from 1
   * @param sent whether jobs see nothing of this host
   */
  static JobRecord begin(
      Path work,
      String run,
      String strategy,
      Map<String, @Nullable Object> config,
      int controller,
      boolean sent) {
    JobRecord record = new JobRecord(work, true);
    Map<String, @Nullable Object> line = line("session");
    line.put("run", run);
    line.put("strategy", strategy);
    line.put("config", config);
    line.put("controller", controller);
    line.put("sent", sent);
    record.write(line);
    return record;
  }

  /** Goes on with the record of a process that is gone. */
  static JobRecord goOn(Path work) {
    return new JobRecord(work, false);
  }

  private JobRecord(Path work, boolean fresh) {
    file = work.resolve(FILE);
    try {
      if (fresh) {
        OwnFiles.secretFile(file);
      } else {
        Files.deleteIfExists(file.resolveSibling(END)); // it was said to the process that is gone
      }
      boolean torn = !fresh && torn();
      out = new FileOutputStream(file.toFile(), true);
      hold();
      if (torn) {
        out.write('\n');
      }
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot write the record of jobs " + file, e);
    }
  }

  /** Tells whether the file ends in a part of a line. */
  private boolean torn() throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      if (in.length() == 0) {
        return false;
      }
      in.seek(in.length() - 1);
      return in.read() != '\n';
    }
  }

  /** Locks the file: whoever cannot lock it knows that the session is at work. The lock ends with this process. */
  private void hold() {
    try {
      FileLock lock = out.getChannel().tryLock();
      log.debug("{} is locked: {}", file, lock);
    } catch (IOException e) {
      log.info("{} cannot be locked, as some file systems do not: {}", file, IoErrors.describe(e));
    }
  }

  /**
   * Notes that jobs are about to be submitted.
   *
   * @param tag the tag, or null if the jobs do not outlive this JVM
   * @param names returns the name of a task
   * @param keys for each task what stands for all that makes its result, or null
   */
  void intent(
      Array array,
      @Nullable String tag,
      Path logs,
      IntFunction<String> names,
      List<@Nullable String> keys) {
    Map<String, @Nullable Object> line = line("intent");
    line.put("tag", tag);
    line.put("at", System.currentTimeMillis());
    line.put("array", array.number);
    line.put("pool", array.pool().pool.name());
    line.put("logs", logs.toString());
    line.put("each", array.each);
    line.put("tasks", listed(array.tasks));
    line.put("attempts", listed(array.attempts));
    line.put("keys", keys);
    line.put("names", Arrays.stream(array.tasks).mapToObj(names).toList());
    write(line);
  }

  /** Returns a line with its type, which stands first. */
  private static Map<String, @Nullable Object> line(String type) {
    Map<String, @Nullable Object> line = new LinkedHashMap<>();
    line.put("type", type);
    return line;
  }

  private static List<Integer> listed(int[] numbers) {
    return Arrays.stream(numbers).boxed().toList();
  }

  /**
   * Notes that the batch system took the jobs of the last intent of an array, and how long its first task had waited
   * for that.
   */
  void submitted(Array array, List<JobId> ids) {
    submitted(array.number, ids, System.nanoTime() - array.came);
  }

  /** Notes that the batch system has the jobs of an array. */
  void submitted(int array, List<JobId> ids, long waited) {
    Map<String, @Nullable Object> line = line("submitted");
    line.put("array", array);
    line.put("waited_ms", waited / 1e6);
    line.put("jobs", ids.stream().map(JobId::id).toList());
    write(line);
  }

  /** Notes that no job of an array is left: they have ended, or the submission was refused. */
  void over(int array) {
    Map<String, @Nullable Object> line = line("over");
    line.put("array", array);
    write(line);
  }

  /** Notes that the session has ended all its jobs. */
  void ended() {
    write(line("ended"));
  }

  /** Tells whether somebody asked the session to end. */
  boolean endWanted() {
    return Files.exists(file.resolveSibling(END));
  }

  private synchronized void write(Map<String, @Nullable Object> line) {
    byte[] text = ValueEncoding.encode(line, "the record of jobs");
    byte[] whole = Arrays.copyOf(text, text.length + 1);
    whole[text.length] = '\n';
    try {
      out.write(whole);
      out.getFD().sync();
    } catch (IOException e) {
      throw IoErrors.unchecked("the record of jobs " + file + " cannot be written", e);
    }
  }

  /** Closes it as it is. */
  void drop() {
    try {
      close();
    } catch (IOException e) {
      log.warn("the record of jobs {} cannot be closed: {}", file, IoErrors.describe(e));
    }
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }
}
