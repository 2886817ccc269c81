package dev.muster.internal.engine;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.run.TaskFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
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
  private static final int LISTED = 1000;

  private final Map<Integer, TaskFailure> byTask = new ConcurrentHashMap<>();
  private final List<Integer> first = new ArrayList<>();

  /** Makes a failure of whatever an operation or a backend threw. */
  static TaskFailure of(Throwable error) {
    if (error instanceof TaskException known) {
      return new TaskFailure(known.kind(), text(known, known.getMessage()), known);
    }
    FailureKind kind =
        error instanceof OutOfMemoryError ? FailureKind.OUT_OF_MEMORY : FailureKind.OPERATION;
    String message = error.getMessage();
    String name = error.getClass().getSimpleName();
    return new TaskFailure(
        kind, text(error, message == null ? name : name + ": " + message), error);
  }

  private static String text(Throwable error, @Nullable String message) {
    Throwable cause = error.getCause();
    String text = message == null ? error.getClass().getSimpleName() : message;
    // The cause says more, unless the message quotes it already.
    if (cause == null || cause.getMessage() == null || text.contains(cause.getMessage())) {
      return text;
    }
    return text + " (caused by " + cause.getClass().getSimpleName() + ": " + cause.getMessage()
        + ")";
  }

  void put(int task, TaskFailure failure) {
    byTask.put(task, failure);
    if (failure.kind() != FailureKind.CANCELLED) {
      synchronized (first) {
        if (first.size() < LISTED) {
          first.add(task);
        }
      }
    }
  }

  @Nullable
  TaskFailure get(int task) {
    return byTask.get(task);
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
    StringWriter text = new StringWriter();
    text.append("attempt ")
        .append(String.valueOf(attempt))
        .append(" (")
        .append(failure.kind().name())
        .append("): ");
    text.append(failure.message()).append('\n');
    if (failure.cause() != null) {
      failure.cause().printStackTrace(new PrintWriter(text, true));
    }
    try {
      Files.createDirectories(node);
      Files.writeString(
          node.resolve("errors"),
          text.toString(),
          java.nio.file.StandardOpenOption.CREATE,
          java.nio.file.StandardOpenOption.APPEND);
    } catch (IOException e) { // the failure itself is told by the event and the result
      log.warn("cannot write {}", node.resolve("errors"), e);
    }
  }
}
