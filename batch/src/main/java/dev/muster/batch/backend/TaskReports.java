package dev.muster.batch.backend;

import dev.muster.batch.spi.JobStatus;
import dev.muster.error.MusterException;
import dev.muster.error.Visible;
import dev.muster.internal.process.LogTail;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import dev.muster.spi.ResultKeys;
import dev.muster.spi.TaskSink;
import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the engine what jobs have told of their tasks, and what their ends mean for those of which they told nothing.
 * Not thread-safe.
 */
final class TaskReports {
  private static final Logger log = LoggerFactory.getLogger(TaskReports.class);

  private final TaskSink sink;
  private final Work work;
  private final CallFiles calls;
  private final @Nullable ResultKeys keys;
  private final boolean sent;
  private final ToldCode codes = new ToldCode();

  // Tasks that were told to have begun in jobs of earlier processes.
  private final Set<Integer> started = new HashSet<>();

  /**
   * @param keys what is known of the results that tasks will give, or null
   * @param sent whether jobs see nothing of this host, so that what they tell comes when they have ended
   */
  TaskReports(TaskSink sink, Work work, CallFiles calls, @Nullable ResultKeys keys, boolean sent) {
    this.keys = keys;
    this.sink = sink;
    this.work = work;
    this.calls = calls;
    this.sent = sent;
  }

  /** Tells that a job runs, and what it has told: of one with a single task, whether that has begun. */
  void runs(Job job) {
    if (!job.running) {
      job.running = true;
      sink.workerStarted(job.pool(), job.worker());
    }
    if (sent) {
      if (job.begun.isEmpty()) {
        begin(job, 0);
      }
    } else if (job.tasks() > 1 || job.begun.isEmpty()) {
      read(job);
    }
  }

  private void begin(Job job, int place) {
    if (!job.claimed(place) || job.rejected(place)) {
      return; // nobody has asked for it yet, or does any more
    }
    job.begun.set(place);
    int task = job.task(place);
    int attempt = job.attempt(place);
    if (attempt == 1 && started.remove(task)) {
      return; // in a job of an earlier process, which gave nothing
    }
    if (job.array.earlier) {
      started.add(task);
    }
    if (work.current(task, attempt)
        && !sink.started(task, attempt, job.pool(), job.worker())
        && work.end(task, attempt)) {
      work.giveUp(job);
    }
  }

  /** Tells all that an earlier process's job has told of the tasks that are this process's now, and was not told yet. */
  void readAgain(Job job) {
    BitSet heard = new BitSet();
    for (int place = 0; place < job.tasks(); place++) {
      heard.set(place, job.begun.get(place));
    }
    job.again();
    job.heard = heard;
    read(job);
    job.heard = null;
  }

  /** Tells what a job has told since this was last called. What cannot be read is as if it was not told. */
  void read(Job job) {
    try {
      read(job, job.told());
    } catch (MusterException e) {
      log.warn("{}: {}", job, Visible.text(String.valueOf(e.getMessage())));
    }
  }

  private void read(Job job, List<Map<?, ?>> events) {
    for (Map<?, ?> event : events) {
      Object type = event.get("type");
      if ("begun".equals(type)) {
        job.now = number(event, "task").intValue();
        job.startedAt = Instant.EPOCH.plus(number(event, "at").longValue(), ChronoUnit.MICROS);
        if (!job.begun.get(job.now) && !job.settled) {
          begin(job, job.now);
        }
      } else if ("result".equals(type) || "error".equals(type)) {
        end(job, number(event, "task").intValue(), event);
      } else if ("code".equals(type)) {
        job.code = codes.and(job, String.valueOf(event.get("file")));
      } else if (job.now >= 0
          && !job.heard(job.now)
          && work.current(job.task(job.now), job.attempt(job.now))) {
        said(job.task(job.now), event);
      }
    }
  }

  private void said(int task, Map<?, ?> event) {
    if ("log".equals(event.get("type"))) {
      sink.log(task, String.valueOf(event.get("message")));
    } else if ("diagnostic".equals(event.get("type"))) {
      sink.diagnostic(task, String.valueOf(event.get("name")), event.get("value"));
    }
  }

  private void end(Job job, int place, Map<?, ?> event) {
    int task = job.task(place);
    int attempt = job.attempt(place);
    job.now = -1;
    if (job.array.earlier && (job.done.get(place) || !counts(job, place, event))) {
      return;
    }
    job.done.set(place);
    if (!work.current(task, attempt)) {
      return;
    }
    Instant began = job.startedAt;
    if (began != null) {
      sink.measured(task, attempt, began, Duration.ofNanos(number(event, "took").longValue()));
    }
    Object output = event.get("output");
    if (event.get("file") instanceof String name) {
      Path file = job.array.folder.resolve(name);
      calls.lies(task, file);
      output = new FileOutput(file);
    }
    if (!work.end(task, attempt)) {
      return;
    }
    if ("result".equals(event.get("type"))) {
      sink.code(task, job.code);
      if (Files.isDirectory(calls.outputs(task))) {
        sink.wroteFiles(task);
      }
      sink.succeeded(task, attempt, output);
    } else {
      sink.failed(task, attempt, failure(event));
    }
  }

  /** Tells whether what an earlier process's job has told of a task is its result now. */
  private boolean counts(Job job, int place, Map<?, ?> event) {
    if (!job.claimed(place) || job.rejected(place)) {
      return false;
    }
    if (!"result".equals(event.get("type"))) {
      return !job.settled; // else the process that is gone knew of it
    }
    int task = job.task(place);
    String changed = keys == null ? "nothing is known of it" : keys.changed(task, job.code);
    if (changed == null && !calls.isThere(output(job, event))) {
      changed = "a file of it is gone";
    }
    if (changed != null) {
      sink.log(task, "what " + job + " gave does not count, and the task runs again: " + changed);
      work.change(() -> job.reject(place));
      return false;
    }
    if (!job.begun.get(place)) {
      begin(job, place);
    }
    started.remove(task);
    return true;
  }

  private static @Nullable Object output(Job job, Map<?, ?> event) {
    return event.get("file") instanceof String name
        ? ValueEncoding.decode(job.array.folder.resolve(name))
        : event.get("output");
  }

  private static TaskFailure failure(Map<?, ?> event) {
    Object code = event.get("exit_code");
    return TaskFailure.of(
        FailureKind.valueOf(String.valueOf(event.get("kind"))),
        String.valueOf(event.get("message")),
        code instanceof Number number ? number.intValue() : null);
  }

  private static Number number(Map<?, ?> event, String key) {
    if (event.get(key) instanceof Number number) {
      return number;
    }
    throw new ValueException("a job told of a task without '" + key + "': " + event, null);
  }

  /**
   * Tells what the end of a job means for those tasks whose end it has not told.
   *
   * @return whether the job was lost, and not ended by the session
   */
  boolean ended(Job job, JobStatus.Ended ended) {
    boolean begun = !job.begun.isEmpty() && job.now >= 0;
    for (int place = 0; place < job.tasks(); place++) {
      if (job.done.get(place) || !job.claimed(place)) {
        continue;
      }
      boolean lost =
          job.array.earlier && (job.rejected(place) || ended.end() == JobStatus.End.LOST);
      boolean runs = place == job.now || (job.tasks() == 1 && begun);
      boolean ours = job.cancelled && job.hopeless == null;
      boolean other = job.tasks() > 1 && !runs && (begun || !job.done.isEmpty());
      if (ours || other || lost) {
        work.again(job, place);
      } else {
        fail(job, place, ended, runs);
      }
    }
    return !job.cancelled;
  }

  private void fail(Job job, int place, JobStatus.Ended ended, boolean runs) {
    int task = job.task(place);
    int attempt = job.attempt(place);
    if (work.end(task, attempt)) {
      TaskFailure hopeless = job.hopeless;
      sink.failed(
          task,
          attempt,
          hopeless != null
              ? hopeless
              : JobEnd.of(ended, job.toString(), runs, !sent || job.home, log(job)));
    }
  }

  private static String log(Job job) {
    return LogTail.section("stderr", job.errors());
  }
}
