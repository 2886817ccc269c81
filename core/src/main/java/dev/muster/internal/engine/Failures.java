package dev.muster.internal.engine;

import com.google.common.base.Throwables;
import dev.muster.error.MusterException;
import dev.muster.error.Visible;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.journal.RunLog;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.run.TaskFailure;
import dev.muster.value.ValueException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What went wrong, task by task. Thread-safe. */
final class Failures {
  private static final Logger log = LoggerFactory.getLogger(Failures.class);
  /** The file in a task's folder that has its failures. */
  static final String FILE = "errors";

  private static final int LISTED = 1000;

  private final Map<Integer, TaskFailure> byTask = new ConcurrentHashMap<>();
  private final List<Integer> first = new ArrayList<>();
  private volatile boolean lost;

  /** Makes a failure of whatever an operation or a backend threw. */
  static TaskFailure of(Throwable error) {
    FailureKind kind = kind(error);
    Integer exitCode = error instanceof TaskException known ? known.exitCode() : null;
    return new TaskFailure(kind, message(error), exitCode, error);
  }

  private static FailureKind kind(Throwable error) {
    if (error instanceof TaskException known) {
      return known.kind();
    }
    if (error instanceof ValueException) {
      return FailureKind.SERIALIZATION;
    }
    return error instanceof OutOfMemoryError ? FailureKind.OUT_OF_MEMORY : FailureKind.OPERATION;
  }

  /** Says what an exception says: its message, with its class where that is not one of Muster's own. */
  static String message(Throwable error) {
    if (error instanceof FileSystemException file) {
      return IoErrors.describe(file); // Java's own message is the name of the file
    }
    if (error instanceof UncheckedIOException wrapped
        && wrapped.getCause() instanceof FileSystemException) {
      return IoErrors.describe(wrapped);
    }
    String message = messageOf(error);
    String name = error.getClass().getSimpleName();
    String text =
        message == null ? name : error instanceof MusterException ? message : name + ": " + message;
    Throwable cause = error.getCause();
    String reason = cause == null ? null : reasonOf(cause);
    // The cause says more, unless the message quotes it already.
    return cause == null || reason == null || text.contains(reason)
        ? text
        : text + " (caused by " + cause.getClass().getSimpleName() + ": " + reason + ")";
  }

  private static @Nullable String reasonOf(Throwable cause) {
    return cause instanceof FileSystemException file ? IoErrors.describe(file) : messageOf(cause);
  }

  private static @Nullable String messageOf(Throwable error) {
    try {
      return error.getMessage();
    } catch (RuntimeException e) { // code of the user's exception
      return "(its message cannot be shown: " + e.getClass().getSimpleName() + ")";
    }
  }

  /** Keeps why a task failed for good. */
  void put(int task, TaskFailure failure) {
    boolean listed;
    synchronized (first) {
      listed = first.size() < LISTED;
      if (listed) {
        first.add(task);
      }
    }
    // The traces of very many exceptions would fill the memory.
    byTask.put(
        task,
        listed ? failure : TaskFailure.of(failure.kind(), failure.message(), failure.exitCode()));
  }

  /** Keeps why a task was cancelled; the reason lies elsewhere, so the task is not listed among those that failed. */
  void putStopped(int task, TaskFailure failure) {
    byTask.put(task, failure);
  }

  @Nullable
  TaskFailure get(int task) {
    return byTask.get(task);
  }

  /** Says that a task failed for good, and that something is missing for it that nobody tolerates. */
  void lose() {
    lost = true;
  }

  /** Tells whether a task failed that somebody cannot do without. */
  boolean lost() {
    return lost;
  }

  boolean any() {
    synchronized (first) {
      return !first.isEmpty();
    }
  }

  /** Returns the tasks that failed first, in that order. */
  List<Integer> first() {
    synchronized (first) {
      return List.copyOf(first);
    }
  }

  /** Appends a failure to the task's {@code errors} file. */
  static void write(Path node, int attempt, TaskFailure failure) {
    Path file = node.resolve(FILE);
    try {
      OwnFiles.folder(node);
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        OwnFiles.file(file);
      }
      // No channel: an interrupt that the calling thread still has would close it.
      try (Writer out = new OutputStreamWriter(
          new FileOutputStream(file.toFile(), true), StandardCharsets.UTF_8)) {
        out.write("attempt " + attempt + " (" + failure.kind() + "): "
            + RunLog.indented(failure.message()) + "\n");
        if (failure.cause() != null) {
          out.write(Visible.text(Throwables.getStackTraceAsString(failure.cause())));
        }
      }
    } catch (IOException e) { // the event and the result tell of the failure too
      log.warn("cannot write {}: {}", file, IoErrors.describe(e));
    } catch (RuntimeException e) {
      log.warn("cannot write {}", file, e);
    }
  }
}
