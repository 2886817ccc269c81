package dev.muster.batch.backend;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.LastingBatchSystem;
import dev.muster.batch.spi.SubmissionException;
import dev.muster.error.MusterException;
import dev.muster.resource.Walltime;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import dev.muster.spi.ResultKeys;
import dev.muster.spi.TaskSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes jobs of tasks that are ready, on a thread of its own. */
final class Submitting implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Submitting.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** What batch systems say of a limit on jobs in the queue, which is less when some have ended. */
  private static final Pattern LIMIT =
      Pattern.compile("(?i)submit.{0,20}limit|limit.{0,40}(job|submi)|too many jobs|"
          + "MAX_JOBS|MaxSubmit|JOBS_PER_(OWNER|SUBMISSION)|job count");

  private final TaskSink sink;
  private final Work work;
  private final CallFiles calls;
  private final JobPlans plans;
  private final BatchSystem system;
  private final @Nullable ResultKeys keys;
  private final IntFunction<String> names;

  /**
   * @param keys what is known of the results that tasks will give, or null
   * @param names returns the name of a task
   */
  Submitting(
      TaskSink sink,
      Work work,
      CallFiles calls,
      JobPlans plans,
      BatchSystem system,
      @Nullable ResultKeys keys,
      IntFunction<String> names) {
    this.sink = sink;
    this.work = work;
    this.calls = calls;
    this.plans = plans;
    this.system = system;
    this.keys = keys;
    this.names = names;
  }

  @Override
  public void run() {
    try {
      int most =
          system instanceof LastingBatchSystem lasting ? lasting.mostCopies() : Integer.MAX_VALUE;
      Array array = work.next(most);
      while (array != null) {
        submit(array);
        array = work.next(most);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the session closes
    } catch (RuntimeException | Error e) { // else tasks would wait for ever
      sink.broken(e);
    }
  }

  private void submit(Array taken) {
    Array array = taken;
    try {
      array = written(taken);
      if (array == null) {
        return;
      }
      JobSpec spec = plans.job(
          array.pool().pool, array.lane.quantities, JobPlans.runner(plans.context()), array.folder);
      List<JobId> ids = submit(array, spec);
      work.submitted(array, spec, ids);
    } catch (SubmissionException e) {
      refused(array, e);
    } catch (MusterException e) {
      fail(array, FailureKind.BACKEND, String.valueOf(e.getMessage()));
    }
  }

  private List<JobId> submit(Array array, JobSpec spec) {
    List<@Nullable String> known = keys == null ? List.of() : keys.keys(array.tasks);
    if (!array.pool().options.lasting()) {
      array.record.intent(array, null, spec.logs(), names, known);
      return system.submit(spec, array.jobs());
    }
    List<JobId> ids = ((LastingBatchSystem) system)
        .submitLasting(
            spec, array.jobs(), tag -> array.record.intent(array, tag, spec.logs(), names, known));
    array.record.submitted(array, ids);
    return ids;
  }

  /**
   * Writes the calls of an array. Tasks whose calls cannot be made fail, and are left out; returns null if none is
   * left.
   */
  private @Nullable Array written(Array array) {
    List<byte[]> lines = new ArrayList<>(array.tasks.length);
    List<Integer> good = new ArrayList<>(array.tasks.length);
    List<Baggage> all = new ArrayList<>();
    Baggage baggage = null;
    for (int i = 0; i < array.tasks.length; i++) {
      String pool = array.pool().pool.name();
      String worker = array.pool().worker(array.places[good.size() / array.each]);
      if (good.size() / array.each == all.size()) {
        baggage = calls.baggage();
        if (baggage != null) {
          all.add(baggage);
        }
      }
      try {
        lines.add(calls.call(array.tasks[i], array.attempts[i], pool, worker, baggage));
        good.add(i);
      } catch (MusterException e) {
        if (work.end(array.tasks[i], array.attempts[i])) {
          sink.failed(array.tasks[i], array.attempts[i], e);
        }
      }
    }
    Array left = array;
    if (good.size() < array.tasks.length) {
      left = work.shrunk(array, good);
    }
    if (good.isEmpty()) {
      return null;
    }
    calls.write(left, lines, all);
    return left;
  }

  private void refused(Array array, SubmissionException error) {
    PoolJobs pool = array.pool();
    String message = String.valueOf(error.getMessage());
    boolean limit =
        error.full() || (!error.retryable() && LIMIT.matcher(message).find());
    if (!limit && !error.retryable()) {
      fail(array, FailureKind.BACKEND, message);
      return;
    }
    long now = System.nanoTime();
    boolean others = pool.open() > array.jobs();
    boolean first = pool.failingSince == null;
    long since = first ? now : Objects.requireNonNull(pool.failingSince);
    if (now - since > PATIENCE.toNanos() && !(limit && (others || array.jobs() > 1))) {
      work.change(() -> pool.failingSince = null);
      fail(array, FailureKind.NETWORK, "for " + Walltime.format(PATIENCE) + " now: " + message);
      return;
    }
    if (first) {
      sink.notice("pool " + pool.pool.name() + ": tasks wait, as "
          + (limit ? "the batch system takes no more jobs for now: " : "") + message);
    }
    over(array);
    work.notSubmitted(array, true);
    work.change(() -> {
      pool.failingSince = since;
      if (limit) {
        pool.limited(array.jobs());
      }
      Duration pause = limit && array.jobs() > 1 ? Duration.ZERO : pause(now - since);
      pool.pausedUntil = System.nanoTime() + pause.toNanos();
    });
  }

  private static Duration pause(long failing) {
    Duration pause = Duration.ofNanos(failing);
    return pause.compareTo(FIRST_PAUSE) < 0
        ? FIRST_PAUSE
        : pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
  }

  private void fail(Array array, FailureKind kind, String message) {
    log.debug("{} was not submitted: {}", array, message);
    over(array);
    work.notSubmitted(array, false);
    for (int i = 0; i < array.tasks.length; i++) {
      if (work.end(array.tasks[i], array.attempts[i])) {
        sink.failed(array.tasks[i], array.attempts[i], TaskFailure.of(kind, message));
      }
    }
  }

  private void over(Array array) {
    if (array.pool().options.lasting()) {
      array.record.over(array.number);
    }
  }
}
