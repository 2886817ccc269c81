package dev.muster.examples.plugin;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.plan.Route;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.value.FileRef;
import dev.muster.workflow.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A run of shell commands as jobs. One thread does everything, so the fields need no locks. Thread-safe. */
final class ShellJobsSession implements BackendSession {
  private static final int POLL_MILLIS = 50;

  private final BackendContext context;
  private final BatchSystem processes;
  private final Path logs;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Map<JobId, Running> running = new LinkedHashMap<>();
  private final Map<String, Integer> free = new HashMap<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(work -> new Thread(work, "shell-jobs"));

  private record Waiting(Route route, int task, int attempt) {}

  private record Running(Waiting what, Pool pool, String name) {}

  ShellJobsSession(BackendContext context) {
    this.context = context;
    processes = JobContext.of(context).processes();
    logs = context.directory().toAbsolutePath().resolve("jobs");
    for (Pool pool : context.pools()) {
      free.put(pool.name(), pool.capacity());
    }
    var unused = thread.scheduleWithFixedDelay(
        () -> guarded(this::poll), POLL_MILLIS, POLL_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void submit(Route route, int attempt, int[] tasks, int count) {
    int[] copy = Arrays.copyOf(tasks, count);
    later(() -> {
      for (int task : copy) {
        waiting.add(new Waiting(route, task, attempt));
      }
      startWaiting();
    });
  }

  private void startWaiting() {
    for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
      Waiting next = each.next();
      Pool pool = poolWithRoom(next.route());
      if (pool != null) {
        each.remove();
        start(next, pool);
      }
    }
  }

  private void start(Waiting next, Pool pool) {
    Stage stage = context.plan().stageOf(next.task()).stage();
    List<String> command = List.of("sh", "-c", (String) stage.params().get("command"));
    Path directory = context.plan().workflow().baseDirectory().toAbsolutePath();
    JobSpec.Builder job = JobSpec.builder(stage.id(), command, directory).logs(logs);
    pool.config().forEach(job::config);
    if (!context.sink().started(next.task(), next.attempt(), pool.name(), pool.name())) {
      return;
    }
    try {
      JobId id = processes.submit(job.quantities(pool.quantities()).build(), 1).get(0);
      running.put(id, new Running(next, pool, stage.id()));
      free.merge(pool.name(), -1, Integer::sum);
    } catch (MusterException e) {
      context.sink().failed(next.task(), next.attempt(), e);
    }
  }

  private @Nullable Pool poolWithRoom(Route route) {
    for (Pool pool : route.pools()) {
      if (free.getOrDefault(pool.name(), 0) > 0) {
        return pool;
      }
    }
    return null;
  }

  private void poll() {
    if (running.isEmpty()
        || !(processes.status(Set.copyOf(running.keySet()))
            instanceof StatusReport.Answered answer)) {
      return; // not known now; the next question may be answered
    }
    answer.statuses().forEach((job, status) -> {
      if (status instanceof JobStatus.Ended ended) {
        Running over = running.remove(job);
        if (over != null) {
          free.merge(over.pool().name(), 1, Integer::sum);
          report(job, over, ended);
        }
      }
    });
    startWaiting();
  }

  private void report(JobId job, Running over, JobStatus.Ended ended) {
    int task = over.what().task();
    int attempt = over.what().attempt();
    String log = over.name() + "-" + job;
    switch (ended.end()) {
      case SUCCEEDED ->
        context.sink().succeeded(task, attempt, FileRef.of(logs.resolve(log + ".out")));
      case FAILED -> fail(task, attempt, FailureKind.OPERATION, log, ended);
      case WALLTIME -> fail(task, attempt, FailureKind.WALLTIME, log, ended);
      case OUT_OF_MEMORY -> fail(task, attempt, FailureKind.OUT_OF_MEMORY, log, ended);
      case PREEMPTED -> fail(task, attempt, FailureKind.PREEMPTED, log, ended);
      case CANCELLED, NODE_LOST, LOST -> fail(task, attempt, FailureKind.WORKER_LOST, log, ended);
    }
  }

  private void fail(int task, int attempt, FailureKind kind, String log, JobStatus.Ended ended) {
    String message = "the command ended with exit code " + ended.exitCode();
    if (ended.reason() != null) {
      message += " (" + ended.reason() + ")";
    }
    context.sink().failed(task, attempt, TaskFailure.of(kind, message + lastWords(log)));
  }

  private String lastWords(String log) {
    try {
      List<String> lines = Files.readAllLines(logs.resolve(log + ".err"));
      return lines.isEmpty() ? "" : ": " + lines.get(lines.size() - 1);
    } catch (IOException e) {
      return "; its log cannot be read: " + e.getMessage();
    }
  }

  @Override
  public void cancel(int task, int attempt) {
    later(() -> {
      waiting.removeIf(next -> next.task() == task && next.attempt() == attempt);
      running.forEach((job, next) -> {
        if (next.what().task() == task && next.what().attempt() == attempt) {
          processes.cancel(Set.of(job));
        }
      });
    });
  }

  @Override
  public void close() {
    thread.shutdownNow();
    boolean interrupted = false;
    while (!thread.isTerminated()) {
      try {
        boolean unused = thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    processes.cancel(
        Set.copyOf(running.keySet())); // the engine closes the strategy next, which waits for them
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void later(Runnable work) {
    try {
      thread.execute(() -> guarded(work));
    } catch (RejectedExecutionException e) {
      context.sink().notice("shell-jobs is closed; left out what came after");
    }
  }

  // A failure here is the backend's own, not that of a task.
  private void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      context.sink().broken(e);
    }
  }
}
