package dev.muster.internal.engine;

import com.google.common.io.Closer;
import dev.muster.error.MusterException;
import dev.muster.error.Visible;
import dev.muster.execution.Durability;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.journal.JournalWriter;
import dev.muster.internal.journal.RunLog;
import dev.muster.internal.rundir.RunClaim;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.plan.Plan;
import dev.muster.plan.PlanFormat;
import dev.muster.run.RunEvent;
import dev.muster.run.RunListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run leaves in its directory, if it has one: the plan, the journal and the log. A run that cannot write them
 * fails. Thread-safe.
 */
final class RunRecord {
  private static final Logger log = LoggerFactory.getLogger("dev.muster.run");

  private static final Logger said = LoggerFactory.getLogger("dev.muster.task");

  private static final Duration ASK_EVERY = Duration.ofSeconds(1);

  private final @Nullable OpenFiles files;
  private final Consumer<Throwable> broken;
  private volatile @Nullable MusterException failure;
  private long asked = System.nanoTime();

  RunRecord(@Nullable OpenFiles files, Consumer<Throwable> broken) {
    this.files = files;
    this.broken = broken;
  }

  /**
   * The open files of a run directory.
   *
   * @param claim the right to write there
   */
  record OpenFiles(RunClaim claim, Path directory, JournalWriter journal, RunLog log) {}

  /**
   * Writes the plan and opens the other files.
   *
   * @param broken told if they cannot be written later
   * @throws MusterException if that fails
   */
  static RunRecord open(Plan plan, RunFiles files, Consumer<Throwable> broken) {
    Path directory = files.given();
    RunClaim claim = files.claim();
    if (directory == null || claim == null) {
      return new RunRecord(null, broken);
    }
    Closer closer = Closer.create();
    try {
      keepPlan(directory, claim.controller());
      writePlan(plan, directory.resolve(RunLayout.PLAN));
      Durability durability = durability(plan);
      JournalWriter journal = closer.register(new JournalWriter(claim.journal(), durability));
      Path logs = directory.resolve(RunLayout.LOGS);
      RunLog runLog =
          closer.register(new RunLog(claim.controller() == 1 ? OwnFiles.file(logs) : logs));
      if (durability == Durability.MACHINE) {
        OwnFiles.sync(directory); // the names of its files
      }
      return new RunRecord(new OpenFiles(claim, directory, journal, runLog), broken);
    } catch (IOException e) {
      closeAfter(closer, e);
      throw cannotWrite(directory, IoErrors.describe(e), e);
    }
  }

  /** Returns what the record of a run survives. */
  static Durability durability(Plan plan) {
    return Objects.requireNonNullElse(
        plan.execution().execution().durability(), Durability.PROCESS);
  }

  /** Keeps the plan of the controller before as {@code plan.<n>.yaml}. */
  private static void keepPlan(Path directory, int controller) throws IOException {
    Path plan = directory.resolve(RunLayout.PLAN);
    if (controller > 1 && Files.isRegularFile(plan, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(plan, directory.resolve("plan." + (controller - 1) + ".yaml"));
    }
  }

  private static void writePlan(Plan plan, Path file) throws IOException {
    try (Writer writer = Files.newBufferedWriter(
        OwnFiles.file(file), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      plan.write(PlanFormat.YAML, writer);
    }
  }

  private static void closeAfter(Closer closer, IOException error) {
    try {
      closer.close();
    } catch (IOException e) {
      error.addSuppressed(e);
    }
  }

  private static MusterException cannotWrite(Path directory, String why, Exception e) {
    return new MusterException("cannot write to the run directory " + directory + ": " + why, e);
  }

  Optional<RunListener> listener() {
    return files == null ? Optional.empty() : Optional.of(this::write);
  }

  private void write(RunEvent event) {
    guarded(open -> {
      open.journal().onEvent(event);
      open.log().onEvent(event);
    });
  }

  /**
   * Brings everything to disk, and looks every second whether this process still has the run. Called by the thread that
   * writes events.
   */
  void pause() {
    flush();
    long now = System.nanoTime();
    if (files != null && failure == null && now - asked >= ASK_EVERY.toNanos()) {
      asked = now;
      String lost = files.claim().lost();
      if (lost != null) {
        failed(new MusterException(lost));
      }
    }
  }

  private void flush() {
    guarded(open -> {
      open.journal().flush();
      open.log().flush();
    });
  }

  /** Writes what an operation said: to the log of this JVM, and to the run's if it has a directory. */
  void say(Instant time, String run, String task, String message) {
    Path whole = files == null ? null : files.directory().resolve("logs");
    said.info(
        "{} {}: {}",
        Visible.line(run),
        Visible.line(task),
        RunLog.indented(EventText.bounded(message, whole)));
    guarded(open -> open.log().say(time, task, message));
  }

  private void guarded(Consumer<OpenFiles> action) {
    if (files != null && failure == null) {
      try {
        action.accept(files);
      } catch (UncheckedIOException e) {
        failed(cannotWrite(files.directory(), IoErrors.reason(e), e));
      }
    }
  }

  private void failed(MusterException why) {
    failure = why;
    broken.accept(why);
  }

  /**
   * Closes the files.
   *
   * @return why not everything could be written, or null
   */
  @Nullable
  MusterException close() {
    if (files == null) {
      return null;
    }
    flush();
    try (RunLog runLog = files.log();
        JournalWriter journal = files.journal()) {
      log.debug("closing {} and {}", journal, runLog);
    } catch (IOException e) {
      log.warn(
          "cannot close the files of the run directory {}: {}",
          files.directory(),
          IoErrors.describe(e));
      if (failure == null) {
        failure = cannotWrite(files.directory(), IoErrors.describe(e), e);
      }
    }
    return failure;
  }
}
