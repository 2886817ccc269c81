package dev.muster.internal.engine;

import dev.muster.error.MusterException;
import dev.muster.internal.journal.JournalWriter;
import dev.muster.internal.journal.RunLog;
import dev.muster.plan.Plan;
import dev.muster.run.RunEvent;
import dev.muster.run.RunListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * What a run with a directory leaves there: the plan, the journal and the log. A run that cannot write them fails. Thread-safe.
 */
final class RunRecord implements RunListener {
  private static final Logger log = LoggerFactory.getLogger("dev.muster.run");

  private final @Nullable Path directory;
  private final @Nullable JournalWriter journal;
  private final @Nullable RunLog runLog;
  private final Consumer<Throwable> broken;
  private volatile boolean failed;

  private RunRecord(
      @Nullable Path directory,
      @Nullable JournalWriter journal,
      @Nullable RunLog runLog,
      Consumer<Throwable> broken) {
    this.directory = directory;
    this.journal = journal;
    this.runLog = runLog;
    this.broken = broken;
  }

  static RunRecord open(RunFiles files, Consumer<Throwable> broken) {
    Path directory = files.given();
    if (directory == null) {
      return new RunRecord(null, null, null, broken);
    }
    try {
      return new RunRecord(
          directory,
          new JournalWriter(directory.resolve("journal")),
          new RunLog(directory.resolve("logs")),
          broken);
    } catch (IOException e) {
      throw new MusterException("cannot write to the run directory " + directory + ": " + e, e);
    }
  }

  Optional<RunListener> listener() {
    return journal == null ? Optional.empty() : Optional.of(this);
  }

  void plan(Plan plan) {
    if (directory != null) {
      try {
        Files.writeString(directory.resolve("plan.yaml"), plan.toYaml());
      } catch (IOException e) {
        throw new MusterException("cannot write to the run directory " + directory + ": " + e, e);
      }
    }
  }

  @Override
  public void onEvent(RunEvent event) {
    if (journal != null && runLog != null && !failed) {
      try {
        journal.onEvent(event);
        runLog.onEvent(event);
      } catch (UncheckedIOException | JacksonException e) {
        fail(e);
      }
    }
  }

  /** Brings everything to disk. */
  void flush() {
    if (journal != null && runLog != null && !failed) {
      try {
        journal.flush();
        runLog.flush();
      } catch (UncheckedIOException | JacksonException e) {
        fail(e);
      }
    }
  }

  private void fail(RuntimeException e) {
    failed = true;
    broken.accept(new MusterException(
        "cannot write to the run directory " + directory + ": " + e.getMessage(), e));
  }

  /** Writes what an operation said. */
  void say(Instant time, String task, String message) {
    if (runLog == null) {
      log.info("{}: {}", task, message);
    } else {
      runLog.say(time, task, message);
    }
  }

  void close() {
    if (journal != null && runLog != null) {
      try (runLog) {
        journal.close();
      } catch (IOException | JacksonException e) {
        log.warn("cannot close the files of the run directory {}", directory, e);
      }
    }
  }
}
