package dev.muster.dask;

import dev.muster.batch.BatchSystem;
import dev.muster.batch.JobId;
import dev.muster.batch.JobSpec;
import dev.muster.batch.JobStatus;
import dev.muster.batch.StatusReport;
import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.execution.Workers;
import dev.muster.resource.Walltime;
import dev.muster.spi.BackendContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the workers of each pool as jobs, watches the jobs, and replaces what is lost. Thread-safe. */
final class WorkerPools {
  private static final Logger log = LoggerFactory.getLogger(WorkerPools.class);
  private static final Duration AT_ONCE = Duration.ofSeconds(1);
  private static final Duration AT_LAST = Duration.ofSeconds(8);
  private static final int REFUSED = 78;
  private static final int MOST_EARLY_ENDS = 3;

  private final BackendContext context;
  private final DaskConfig config;
  private final Path modules;
  private final Path work;
  private final Path logs;
  private final BiConsumer<String, String> died;
  private final Duration interval;
  private final boolean local;
  private final Map<String, Group> groups = new LinkedHashMap<>();
  private final Thread watcher = new Thread(this::watch, "muster-dask-pools");
  private boolean closing;

  /** The workers of one pool. */
  private static final class Group {
    final Pool pool;
    final Path file;
    final Map<String, JobId> jobs = new LinkedHashMap<>();
    final Set<String> came = new HashSet<>();
    final Set<JobId> told = new HashSet<>();
    final long since = System.nanoTime();
    int wanted;
    int next;
    int early;
    boolean dead;
    String last = "";

    Group(Pool pool, Path file) {
      this.pool = pool;
      this.file = file;
    }
  }

  /**
   * @param died is told a pool and the reason when the pool will have no workers
   */
  WorkerPools(
      BackendContext context,
      DaskConfig config,
      Path modules,
      Path work,
      boolean local,
      BiConsumer<String, String> died) {
    this.context = context;
    this.config = config;
    this.modules = modules;
    this.work = work;
    this.logs = Objects.requireNonNull(work.getParent());
    this.died = died;
    this.local = local;
    Object poll = context.config().get("poll_interval");
    this.interval = poll != null
        ? Walltime.parse(poll.toString())
        : local ? Duration.ofMillis(250) : Duration.ofSeconds(10);
    watcher.setDaemon(true);
  }

  /** Submits the workers; they wait for the scheduler's address. */
  synchronized void start() {
    BatchSystem batch = context.processes();
    int number = 0;
    for (Pool pool : context.pools()) {
      Group group = new Group(pool, work.resolve("worker-" + number++ + ".json"));
      groups.put(pool.name(), group);
      Workers workers = pool.workersOrDefault();
      group.wanted = workers.min();
      if (group.wanted > 0) {
        submit(batch, group, group.wanted);
      }
    }
    watcher.start();
  }

  private void submit(BatchSystem batch, Group group, int copies) {
    Pool pool = group.pool;
    Object python = pool.config().get("python");
    String interpreter = python == null ? config.python() : python.toString();
    Integer cpus = pool.quantities().cpus();
    String threads =
        Integer.toString(Math.max(1, (cpus == null ? 1 : cpus) / pool.slotsOrDefault()));
    JobSpec.Builder job = JobSpec.builder(
            pool.name(),
            List.of(interpreter, "-m", "muster_dask.worker", group.file.toString()),
            context.plan().workflow().baseDirectory().toAbsolutePath().normalize())
        .logs(logs)
        .quantities(pool.quantities())
        .variable("PYTHONPATH", BridgeProcess.path(modules, System.getenv("PYTHONPATH")))
        .variable("MUSTER_WORKER_FIRST", Integer.toString(group.next));
    for (String variable : List.of("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")) {
      if (System.getenv(variable) == null) {
        job.variable(variable, threads);
      }
    }
    pool.config().forEach(job::config);
    List<JobId> ids = batch.submit(job.build(), copies);
    for (JobId id : ids) {
      group.jobs.put(pool.name() + "-" + group.next++, id);
    }
  }

  /** Says that a worker has come. */
  synchronized void came(String pool, String worker) {
    Group group = groups.get(pool);
    if (group != null) {
      group.came.add(worker);
      group.early = 0;
    }
  }

  /** Sets how many workers a pool is to have. */
  synchronized void want(String pool, int workers) {
    Group group = groups.get(pool);
    if (group != null) {
      group.wanted = workers;
      notifyAll();
    }
  }

  private void watch() {
    try {
      while (true) {
        synchronized (this) {
          if (!closing) {
            wait(interval.toMillis());
          }
          if (closing) {
            return;
          }
        }
        poll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      context.sink().broken(e);
    }
  }

  private void poll() {
    BatchSystem batch = context.processes();
    Set<JobId> asked = new HashSet<>();
    synchronized (this) {
      groups.values().forEach(group -> asked.addAll(group.jobs.values()));
    }
    StatusReport report =
        asked.isEmpty() ? new StatusReport.Answered(Map.of()) : batch.status(asked);
    if (!(report instanceof StatusReport.Answered answered)) {
      log.debug("the state of the workers' jobs is not known: {}", report);
      return;
    }
    for (Group group : groups.values()) {
      String dead;
      synchronized (this) {
        if (closing || group.dead) {
          continue;
        }
        dead = look(batch, group, answered.statuses());
        group.dead = dead != null;
      }
      if (dead != null) {
        context.sink().notice(dead);
        died.accept(group.pool.name(), dead);
      }
    }
  }

  /** Returns why the pool is dead, or null. */
  private @Nullable String look(BatchSystem batch, Group group, Map<JobId, JobStatus> statuses) {
    String name = group.pool.name();
    for (Map.Entry<String, JobId> job : List.copyOf(group.jobs.entrySet())) {
      JobStatus status = statuses.get(job.getValue());
      if (status instanceof JobStatus.Ended ended) {
        group.jobs.remove(job.getKey());
        if (group.came.remove(job.getKey())) {
          group.last = "worker " + job.getKey() + " ended" + describe(ended);
        } else {
          group.early =
              Integer.valueOf(REFUSED).equals(ended.exitCode()) ? MOST_EARLY_ENDS : group.early + 1;
          group.last = "job " + job.getValue() + " of worker " + job.getKey()
              + " ended before the worker was there" + describe(ended) + tail(job.getValue());
          context.sink().notice(group.last);
        }
      } else if (status instanceof JobStatus.Held held && group.told.add(job.getValue())) {
        group.last =
            "job " + job.getValue() + " of worker " + job.getKey() + " is held: " + held.reason();
        context.sink().notice(group.last);
      } else if (status instanceof JobStatus.Pending pending && pending.reason() != null) {
        group.last = "job " + job.getValue() + " waits: " + pending.reason();
      }
    }
    if (group.early >= MOST_EARLY_ENDS) {
      return group.jobs.isEmpty() ? "pool " + name + " has no workers: " + group.last : null;
    }
    boolean none = group.came.isEmpty() && group.wanted > 0;
    if (none && group.next <= group.wanted && elapsed(group).compareTo(config.startTimeout()) > 0) {
      return "no worker of pool " + name + " was there within "
          + Walltime.format(config.startTimeout()) + " (worker_start_timeout)"
          + (group.last.isEmpty() ? "" : ": " + group.last);
    }
    int missing = group.wanted - group.jobs.size();
    if (missing > 0) {
      try {
        submit(batch, group, missing);
      } catch (MusterException e) {
        group.early++;
        group.last = "workers of pool " + name + " could not be submitted: " + e.getMessage();
        context.sink().notice(group.last);
      }
    }
    return null;
  }

  private static Duration elapsed(Group group) {
    return Duration.ofNanos(System.nanoTime() - group.since);
  }

  private static String describe(JobStatus.Ended ended) {
    return (ended.exitCode() == null ? "" : " with exit code " + ended.exitCode())
        + (ended.reason() == null ? "" : " (" + ended.reason() + ")");
  }

  private String tail(JobId job) {
    Path errors = logs.resolve("err");
    try (Stream<Path> files = Files.list(errors)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("-" + job + ".err"))
          .findFirst()
          .map(BridgeProcess::tail)
          .orElse("");
    } catch (IOException e) {
      return " (" + errors + " cannot be read: " + e + ")";
    }
  }

  /** Says that workers that end from now on are to end. */
  synchronized void closing() {
    closing = true;
    notifyAll();
  }

  /** Ends what is left of the workers; those whose scheduler has gone end by themselves. */
  void close() {
    List<JobId> left = new ArrayList<>();
    synchronized (this) {
      groups.values().forEach(group -> left.addAll(group.jobs.values()));
    }
    try {
      if (!left.isEmpty()) {
        Set<JobId> jobs = Set.copyOf(left);
        await(jobs, AT_ONCE);
        context.processes().cancel(jobs);
        await(jobs, AT_LAST);
      }
      if (watcher.isAlive()) {
        watcher.join(AT_LAST.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until jobs have ended, where that can be seen at no cost: on this host. */
  private void await(Set<JobId> jobs, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (local && System.nanoTime() < deadline) {
      if (context.processes().status(jobs) instanceof StatusReport.Answered answered
          && answered.statuses().values().stream().allMatch(JobStatus::ended)) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
