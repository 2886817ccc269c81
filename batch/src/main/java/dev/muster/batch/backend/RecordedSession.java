package dev.muster.batch.backend;

import dev.muster.batch.spi.JobId;
import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.rundir.RunClaim;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.internal.rundir.RunOwner;
import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session as its record has it: {@link JobRecord} wrote it.
 *
 * @param folder the session's folder
 * @param strategy the name of the strategy
 * @param config the options without which its jobs cannot be asked for
 * @param arrays the submissions by number
 * @param controller which process of the run made it, counted from 1
 * @param sent whether its jobs see nothing of the host of that process
 * @param over whether all its jobs have ended
 */
record RecordedSession(
    Path folder,
    String strategy,
    Map<String, @Nullable Object> config,
    Map<Object, RecordedArray> arrays,
    int controller,
    boolean sent,
    boolean over) {
  private static final Logger log = LoggerFactory.getLogger(RecordedSession.class);

  /**
   * Reads a record. What was being written when the session's process died is left out.
   *
   * @throws MusterException if it cannot be read
   */
  static RecordedSession read(Path folder) {
    String text;
    try {
      text = Files.readString(folder.resolve(JobRecord.FILE), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw IoErrors.unchecked("the record of jobs in " + folder + " cannot be read", e);
    }
    String strategy = "";
    Map<String, @Nullable Object> config = new LinkedHashMap<>();
    Map<Object, RecordedArray> arrays = new LinkedHashMap<>();
    boolean over = false;
    boolean sent = false;
    int controller = 1;
    String whole = text.substring(0, text.lastIndexOf('\n') + 1);
    for (String line : whole.lines().toList()) {
      if (!(decoded(line) instanceof Map<?, ?> told)) {
        continue;
      }
      switch (String.valueOf(told.get("type"))) {
        case "session" -> {
          strategy = String.valueOf(told.get("strategy"));
          sent = Boolean.TRUE.equals(told.get("sent"));
          controller = told.get("controller") instanceof Number number ? number.intValue() : 1;
          if (told.get("config") instanceof Map<?, ?> given) {
            given.forEach((key, value) -> config.put(String.valueOf(key), value));
          }
        }
        case "ended" -> over = true;
        default -> take(told, arrays);
      }
    }
    return new RecordedSession(folder, strategy, config, arrays, controller, sent, over);
  }

  /** Returns what a line says, or null for one that is not whole: a process died while it wrote it. */
  private static @Nullable Object decoded(String line) {
    try {
      return ValueEncoding.decode(line);
    } catch (ValueException e) {
      log.debug("a line of a record is not whole: {}", e.getMessage());
      return null;
    }
  }

  private static void take(Map<?, ?> told, Map<Object, RecordedArray> arrays) {
    Object number = told.get("array");
    String type = String.valueOf(told.get("type"));
    if (number == null) {
      return;
    }
    if (type.equals("intent")) {
      RecordedArray array = arrays.computeIfAbsent(number, absent -> new RecordedArray(told));
      array.at = told.get("at") instanceof Number at ? at.longValue() : 0;
      if (array.lasting) {
        array.tags.add(String.valueOf(told.get("tag")));
      }
      return;
    }
    RecordedArray array = arrays.get(number);
    if (array != null && type.equals("submitted")) {
      RecordedArray.texts(told.get("jobs")).forEach(id -> array.jobs.add(new JobId(id)));
    } else if (array != null && type.equals("over")) {
      array.over = true;
    }
  }

  /**
   * Returns the sessions of a run, as its processes have begun them.
   *
   * @param debug the folder that has their folders; it may not be there
   */
  static List<RecordedSession> all(Path debug) {
    return except(debug, null);
  }

  /**
   * Reads the sessions of a run but for one: whoever closes a file loses its process's locks on it.
   *
   * @param own the folder of the session that this process holds
   */
  static List<RecordedSession> others(Path debug, Path own) {
    return except(debug, own);
  }

  private static List<RecordedSession> except(Path debug, @Nullable Path own) {
    try (Stream<Path> folders = Files.isDirectory(debug) ? Files.list(debug) : Stream.empty()) {
      return folders
          .filter(folder -> !folder.equals(own))
          .filter(folder -> Files.isRegularFile(folder.resolve(JobRecord.FILE)))
          .sorted()
          .map(RecordedSession::read)
          .sorted(Comparator.comparing(RecordedSession::controller))
          .toList();
    } catch (IOException e) {
      throw IoErrors.unchecked("the run's directory cannot be read: " + debug, e);
    }
  }

  /** Returns the names of tasks that may be in jobs, and for each what becomes of it in a run that goes on. */
  static Map<String, String> leftBehind(Path debug) {
    Map<String, String> tasks = new HashMap<>();
    for (RecordedSession session : all(debug)) {
      String text = "an earlier process has submitted it (" + session.strategy
          + "): the job is taken over, or what it gave is read";
      session.open().forEach(array -> array.names.forEach(name -> tasks.put(name, text)));
    }
    return tasks;
  }

  /** Returns the submissions that may have jobs. */
  List<RecordedArray> open() {
    return over
        ? List.of()
        : arrays.values().stream().filter(array -> array.lasting && !array.over).toList();
  }

  /** What is known of the process that made a session. */
  enum Maker {
    /** It is at work on the session. */
    AT_WORK,
    /** It has ended the session, or is gone. */
    GONE,
    /** It cannot be seen from here: it is of another host, boot or container. */
    UNKNOWN
  }

  /**
   * Tells what is known of the process that made the session: by the owner of its run, and by the lock on its record.
   * Neither counts alone: the owner may go on after the session, and some file systems have no locks, or locks that
   * other hosts do not see.
   */
  Maker maker() {
    if (read(folder).over()) {
      return Maker.GONE;
    }
    Boolean locked = locked();
    if (Boolean.TRUE.equals(locked)) {
      return Maker.AT_WORK;
    }
    RunOwner owner = owner();
    if (owner == null) { // the run has ended, or is of an earlier Muster
      return locked == null && !hasVersion() ? Maker.UNKNOWN : Maker.GONE;
    }
    return switch (owner.life()) {
      case DEAD -> Maker.GONE;
      case ALIVE -> locked == null ? Maker.AT_WORK : Maker.GONE;
      case ELSEWHERE -> Maker.UNKNOWN;
    };
  }

  private @Nullable Path run() {
    Path debug = folder.getParent();
    return debug == null ? null : debug.getParent();
  }

  private boolean hasVersion() {
    Path run = run();
    return run != null && Files.exists(run.resolve(RunLayout.FORMAT));
  }

  /** Returns the process that has the run, or null if none has. */
  @Nullable
  RunOwner owner() {
    Path run = run();
    try {
      return run == null ? null : RunClaim.owner(run);
    } catch (IOException e) {
      throw IoErrors.unchecked("the owner of the run in " + run + " cannot be read", e);
    }
  }

  /** Tells whether another process holds the record; null where files cannot be locked. */
  private @Nullable Boolean locked() {
    try (FileChannel channel =
            FileChannel.open(folder.resolve(JobRecord.FILE), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    } catch (OverlappingFileLockException e) {
      log.debug("{} is held by this process", folder, e);
      return true;
    } catch (IOException e) {
      log.debug("{} cannot be locked: {}", folder, IoErrors.describe(e));
      return null;
    }
  }

  /** Asks the session to end. */
  void wantEnd() {
    try {
      Path unused = OwnFiles.newFile(folder.resolve(JobRecord.END));
    } catch (FileAlreadyExistsException e) {
      log.debug("it was asked before: {}", e.getMessage());
    } catch (IOException e) {
      throw IoErrors.unchecked("the session in " + folder + " cannot be asked to end", e);
    }
  }

  /** Notes that its jobs are ended. */
  void ended() {
    try {
      Files.writeString(
          folder.resolve(JobRecord.FILE), "{\"type\":\"ended\"}\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw IoErrors.unchecked("the record of jobs in " + folder + " cannot be written", e);
    }
  }
}
