package dev.muster.batch.backend;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.plan.Plan;
import dev.muster.plan.Route;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a session: those that wait, and those that are in jobs. One thread submits and one watches; nothing
 * here takes time, and nobody is told anything while the lock is held. Thread-safe.
 */
final class Work {
  /** How long it waits for more tasks that become ready together, at most and for each. */
  private static final long MOST_LINGER = Duration.ofMillis(100).toNanos();

  private final Plan plan;
  private final Path folder;
  private final long linger;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ready = lock.newCondition();
  private final Condition changed = lock.newCondition();
  private final Lanes lanes;
  private final Map<JobId, Job> open = new LinkedHashMap<>();
  private final Set<Job> unwanted = new LinkedHashSet<>();

  // Of each task of the plan: the attempt that waits or is in a job, or 0; and its job if it is in
  // one.
  private final int[] attempts;
  private final @Nullable Job[] jobs;
  private int lastNumber;
  private boolean closing;

  /** @param linger how long it waits for further tasks after each that comes */
  Work(Plan plan, Path folder, List<PoolJobs> pools, Duration linger) {
    this.plan = plan;
    this.folder = folder;
    this.linger = linger.toNanos();
    this.lanes = new Lanes(pools);
    attempts = new int[plan.taskCount()];
    jobs = new Job[plan.taskCount()];
  }

  /** Takes tasks that are ready. */
  void add(Route route, int attempt, int[] tasks, int count) {
    lock.lock();
    try {
      long now = System.nanoTime();
      Lane lane = null;
      int stageOfLane = -1;
      for (int i = 0; i < count; i++) {
        int task = tasks[i];
        int stage = plan.stageIndexOf(task);
        if (lane == null || stage != stageOfLane || route.pools().size() > 1) {
          lane = lanes.of(route, plan.stages().get(stage));
          stageOfLane = stage;
        }
        attempts[task] = attempt;
        lane.add(task, attempt, now);
      }
      ready.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Gives up an attempt. Its job is ended, if it has one. */
  void cancel(int task, int attempt) {
    lock.lock();
    try {
      if (attempts[task] == attempt) {
        attempts[task] = 0;
        Job job = jobs[task];
        jobs[task] = null;
        if (job != null) {
          unwant(job);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void unwant(Job job) {
    job.cancelled = true;
    unwanted.add(job);
    changed.signalAll();
  }

  /** Ends a job whose tasks have failed, or will. */
  void giveUp(Job job) {
    lock.lock();
    try {
      unwant(job);
    } finally {
      lock.unlock();
    }
  }

  // For the thread that submits

  /**
   * Waits for tasks that can be submitted, and takes them.
   *
   * @param mostCopies how many jobs a submission may have
   * @return null if the session closes
   */
  @Nullable
  Array next(int mostCopies) throws InterruptedException {
    lock.lock();
    try {
      while (!closing) {
        long now = System.nanoTime();
        long wait = Long.MAX_VALUE;
        for (Lane lane : lanes.all()) {
          long due = due(lane, now);
          if (due <= 0) {
            Array array = take(lane, mostCopies);
            if (array != null) {
              return array;
            }
          } else {
            wait = Math.min(wait, due);
          }
        }
        if (wait == Long.MAX_VALUE) {
          ready.await();
        } else {
          long unused = ready.awaitNanos(wait);
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Returns how long a lane is left alone, or {@link Long#MAX_VALUE} if there is nothing to be submitted. */
  private long due(Lane lane, long now) {
    if (lane.size() == 0 || lane.pool.room() == 0) {
      return Long.MAX_VALUE;
    }
    Long paused = lane.pool.pausedUntil;
    if (paused != null && paused - now > 0) {
      return paused - now;
    }
    return Math.min(lane.lastCame + linger, lane.firstCame + MOST_LINGER) - now;
  }

  private @Nullable Array take(Lane lane, int mostCopies) {
    int each = lane.pool.options.tasksPerJob();
    int room = Math.min(lane.pool.room(), mostCopies);
    int most = (int) Math.min(lane.size(), (long) room * each);
    int[] tasks = new int[most];
    int[] numbers = new int[most];
    int count = 0;
    while (count < most && lane.size() > 0) {
      int task = lane.task();
      int attempt = lane.attempt();
      lane.remove();
      if (attempts[task] == attempt) {
        tasks[count] = task;
        numbers[count] = attempt;
        count++;
      }
    }
    if (count == 0) {
      return null;
    }
    int number = ++lastNumber;
    return new Array(
        number,
        lane,
        folder.resolve(Integer.toString(number)),
        each,
        Arrays.copyOf(tasks, count),
        Arrays.copyOf(numbers, count),
        lane.pool.take((count + each - 1) / each),
        lane.firstCame);
  }

  /** Takes the jobs of a submission: copies of {@code spec}. */
  void submitted(Array array, JobSpec spec, List<JobId> ids) {
    lock.lock();
    try {
      array.pool().accepted(ids.size());
      for (int index = 0; index < ids.size(); index++) {
        Job job = new Job(array, index, ids.get(index), spec);
        open.put(job.id, job);
        boolean wanted = false;
        for (int place = 0; place < job.tasks(); place++) {
          if (attempts[job.task(place)] == job.attempt(place)) {
            jobs[job.task(place)] = job;
            wanted = true;
          } else {
            job.cancelled = true;
          }
        }
        if (!wanted || job.cancelled) {
          unwanted.add(job);
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns an array with only the tasks at these places of it, and gives back the jobs that it does not need. */
  Array shrunk(Array array, List<Integer> good) {
    int count = (good.size() + array.each - 1) / array.each;
    lock.lock();
    try {
      for (int i = count; i < array.places.length; i++) {
        array.pool().release(array.places[i]);
      }
    } finally {
      lock.unlock();
    }
    return new Array(
        array.number,
        array.lane,
        array.folder,
        array.each,
        good.stream().mapToInt(i -> array.tasks[i]).toArray(),
        good.stream().mapToInt(i -> array.attempts[i]).toArray(),
        Arrays.copyOf(array.places, count),
        array.came);
  }

  /** Takes back what was not submitted: it waits again, before the others. */
  void notSubmitted(Array array, boolean again) {
    lock.lock();
    try {
      for (int place : array.places) {
        array.pool().release(place);
      }
      if (again) {
        for (int i = array.tasks.length - 1; i >= 0; i--) {
          array.lane.addFirst(array.tasks[i], array.attempts[i]);
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Changes something of a pool. */
  void change(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }

  // For the thread that watches

  /**
   * What there is to look at.
   *
   * @param jobs the jobs that are not over
   * @param unwanted those of them whose end is to be asked for now
   */
  record View(Map<JobId, Job> jobs, Set<JobId> unwanted) {}

  /** Waits until it is time or a job is to be ended; returns null if the session closes. */
  @Nullable
  View view(Duration pause) throws InterruptedException {
    lock.lock();
    try {
      long left = pause.toNanos();
      while (!closing && unwanted.isEmpty() && left > 0) {
        left = changed.awaitNanos(left);
      }
      return closing ? null : view();
    } finally {
      lock.unlock();
    }
  }

  /** Returns what there is to look at now. */
  View now() {
    lock.lock();
    try {
      return view();
    } finally {
      lock.unlock();
    }
  }

  private View view() {
    Set<JobId> ids = new LinkedHashSet<>();
    unwanted.forEach(job -> ids.add(job.id));
    unwanted.clear();
    ids.retainAll(open.keySet());
    return new View(new LinkedHashMap<>(open), ids);
  }

  /** Tells whether an attempt is not over. */
  boolean current(int task, int attempt) {
    lock.lock();
    try {
      return attempts[task] == attempt;
    } finally {
      lock.unlock();
    }
  }

  /** Ends an attempt; returns false if it was over. */
  boolean end(int task, int attempt) {
    lock.lock();
    try {
      if (attempts[task] != attempt) {
        return false;
      }
      attempts[task] = 0;
      jobs[task] = null;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Lets a task of a job that is over wait for another job. */
  void again(Job job, int place) {
    lock.lock();
    try {
      int task = job.task(place);
      if (attempts[task] == job.attempt(place)) {
        jobs[task] = null;
        job.array.lane.addFirst(task, job.attempt(place));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends a job; returns whether it was the last of its submission. */
  boolean over(Job job) {
    lock.lock();
    try {
      if (open.remove(job.id) == null) {
        return false;
      }
      unwanted.remove(job);
      job.array.pool().release(job.array.places[job.index]);
      ready.signal();
      return --job.array.open == 0;
    } finally {
      lock.unlock();
    }
  }

  /** Learns that a job has ended after the session was closed. */
  void gone(JobId id) {
    lock.lock();
    try {
      Job unused = open.remove(id);
    } finally {
      lock.unlock();
    }
  }

  /** Closes: nothing more is submitted. Returns false if it was closed before. */
  boolean close() {
    lock.lock();
    try {
      boolean first = !closing;
      closing = true;
      ready.signalAll();
      changed.signalAll();
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the jobs that are not over. */
  List<JobId> openJobs() {
    lock.lock();
    try {
      return new ArrayList<>(open.keySet());
    } finally {
      lock.unlock();
    }
  }
}
