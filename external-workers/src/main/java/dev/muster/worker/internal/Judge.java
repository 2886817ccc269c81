package dev.muster.worker.internal;

import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.CommandEnd;
import dev.muster.internal.process.ExitCode;
import dev.muster.internal.process.LogTail;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides how a call went, and sees to it that its flags say the same. Thread-safe. */
public final class Judge {
  private static final Logger log = LoggerFactory.getLogger(Judge.class);

  private Judge() {}

  /**
   * Decides on a call whose worker has ended.
   *
   * @param worker the worker and its function, for messages
   * @param end how its process ended, or null if it had none
   * @param exitTells whether an exit code of 0 with every output counts as done without the flag
   * @throws TaskException if the worker failed; the flag of a failure is there then, and that of success is not
   */
  static void judge(CallPlace place, String worker, @Nullable CommandEnd end, boolean exitTells)
      throws IOException {
    TaskException failure = failure(place, worker, end, exitTells);
    if (failure != null) {
      flag(place, String.valueOf(failure.getMessage()).lines().findFirst().orElse("failed"));
      throw failure;
    }
    touch(place.done());
  }

  private static @Nullable TaskException failure(
      CallPlace place, String worker, @Nullable CommandEnd end, boolean exitTells)
      throws IOException {
    boolean done = CallPlace.there(place.done());
    String how = end == null ? "" : ", " + ExitCode.describe(end.code());
    if (end != null && end.lost() != null) {
      return failed(place, FailureKind.WORKER_LOST, worker + " was ended: " + end.lost(), null);
    }
    if (CallPlace.there(place.error())) {
      return failed(
          place,
          FailureKind.OPERATION,
          worker + " failed: it set the flag _error" + (done ? ", though also _done" : "") + how
              + reason(place),
          end == null || end.code() == 0 ? null : end.code());
    }
    if (end != null && end.code() != 0) {
      return failed(
          place,
          FailureKind.OPERATION,
          worker + " failed with " + ExitCode.describe(end.code())
              + (done ? ", though it set the flag _done" : " and set no flag"),
          end.code());
    }
    Map<String, Path> missing = place.missing();
    if (!done && !(end != null && exitTells)) {
      return failed(
          place,
          FailureKind.OPERATION,
          worker + " ended without the flag _done or _error" + how
              + (missing.isEmpty()
                  ? "; all its outputs are there: where that is enough, say exit_status: true"
                  : ""),
          null);
    }
    if (!missing.isEmpty()) {
      return failed(
          place,
          FailureKind.OPERATION,
          worker + (done ? " set the flag _done" : " ended with exit code 0")
              + " but did not write "
              + missing.entrySet().stream()
                  .map(each -> "the output '" + each.getKey() + "', " + each.getValue())
                  .collect(Collectors.joining(" and ")),
          null);
    }
    return null;
  }

  private static TaskException failed(
      CallPlace place, FailureKind kind, String message, @Nullable Integer code) {
    return new TaskException(kind, message + "\nin " + place.node() + tail(place), code, null);
  }

  /** Returns the end of all that the worker printed. */
  static String tail(CallPlace place) {
    String logs = place.contract() == CallPlace.Contract.LOG
        ? LogTail.section("log", place.at(place.call().errorPath()))
        : "";
    return logs
        + LogTail.section("stderr", place.stderr())
        + LogTail.section("stdout", place.stdout())
        + IoErrors.full(place.node());
  }

  private static String reason(CallPlace place) {
    return place.contract() == CallPlace.Contract.FLAG
        ? LogTail.section("_error", place.error())
        : "";
  }

  /** Sets the flag of a failure, and takes that of success away: who looks at both may take the call for done. */
  static void flag(CallPlace place, String reason) throws IOException {
    Files.deleteIfExists(place.done());
    if (!Files.exists(place.error())) {
      Path error = place.error();
      Path next = error.resolveSibling("_error.new");
      Files.writeString(next, place.contract() == CallPlace.Contract.FLAG ? reason + "\n" : "");
      Files.move(next, error, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void touch(Path file) throws IOException {
    try {
      Files.createFile(file);
    } catch (FileAlreadyExistsException e) {
      log.trace("the worker has set it: {}", file, e);
    }
  }
}
