package dev.muster.batch.backend;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
  private final Plan plan;
  private final Path folder;
  private final long linger;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ready = lock.newCondition();
  private final Condition changed = lock.newCondition();
  private final Lanes lanes;
  private final Map<JobId, Job> open = new LinkedHashMap<>();
  private final Set<Job> unwanted = new LinkedHashSet<>();

  private final Attempts attempts;
  private final JobRecord record;
  private final Earlier earlier;
  private List<Earlier.Place> claims = new ArrayList<>();
  private int outdated;
  private int lastNumber;
  private boolean closing;

  /**
   * @param linger how long it waits for further tasks after each that comes
   * @param record where submissions are written down
   * @param earlier what earlier processes of the run have left
   */
  Work(
      Plan plan,
      Path folder,
      List<PoolJobs> pools,
      Duration linger,
      JobRecord record,
      Earlier earlier) {
    this.record = record;
    this.earlier = earlier;
    this.plan = plan;
    this.folder = folder;
    this.linger = linger.toNanos();
    this.lanes = new Lanes(pools);
    attempts = new Attempts(plan.taskCount());
    for (Job job : earlier.jobs()) {
      open.put(job.id, job);
      if (job.cancelled) {
        unwanted.add(job);
      }
    }
  }

  /** Takes tasks that are ready. */
  void add(Route route, int attempt, int[] tasks, int count) {
    Map<Integer, String> known = attempt == 1 ? known(tasks, count) : Map.of();
    lock.lock();
    try {
      boolean mayClaim = attempt == 1 && !earlier.isEmpty();
      long now = System.nanoTime();
      Lane lane = null;
      int stageOfLane = -1;
      for (int i = 0; i < count; i++) {
        int task = tasks[i];
        if (mayClaim && claim(task, known.get(task))) {
          continue;
        }
        int stage = plan.stageIndexOf(task);
        if (lane == null || stage != stageOfLane || route.pools().size() > 1) {
          lane = lanes.of(route, plan.stages().get(stage));
          stageOfLane = stage;
        }
        attempts.begin(task, attempt);
        lane.add(task, attempt, now);
      }
      ready.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Returns the keys of those tasks that have places in earlier jobs. Takes no lock while it asks for them. */
  private Map<Integer, String> known(int[] tasks, int count) {
    int[] placed;
    lock.lock();
    try {
      placed = earlier.placed(tasks, count);
    } finally {
      lock.unlock();
    }
    return earlier.keys(placed);
  }

  /** Gives a task its place in an earlier job; returns false if it has none, and is to be submitted. */
  private boolean claim(int task, @Nullable String key) {
    Earlier.Place found = earlier.take(task);
    if (found == null) {
      return false;
    }
    Job job = found.job();
    boolean same = earlier.isSame(task, key, found);
    if (!same && open.get(job.id) != job) {
      return false;
    }
    attempts.begin(task, 1);
    attempts.put(task, job);
    job.claim(found.place());
    if (!same) { // it makes what is not wanted any more: the task waits until it has ended
      job.reject(found.place());
      unwant(job);
      outdated++;
    }
    claims.add(found);
    changed.signalAll();
    return true;
  }

  /** Gives up an attempt. Its job is ended, if it has one. */
  void cancel(int task, int attempt) {
    lock.lock();
    try {
      Job job = attempts.job(task);
      if (attempts.end(task, attempt) && job != null) {
        unwant(job);
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
          long due = lane.due(now, linger);
          if (due <= 0) {
            Lane.Taken taken = lane.take(mostCopies, attempts);
            if (taken != null) {
              return array(lane, taken);
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

  private Array array(Lane lane, Lane.Taken taken) {
    int number = ++lastNumber;
    return new Array(
        number,
        lane,
        folder.resolve(Integer.toString(number)),
        lane.pool.options.tasksPerJob(),
        taken.tasks,
        taken.attempts,
        lane.pool.take(taken.jobs),
        taken.came,
        record,
        false);
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
          if (attempts.current(job.task(place), job.attempt(place))) {
            attempts.put(job.task(place), job);
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
    return array.only(good, count);
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

  /** Changes something of a pool or a job. */
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
   * @param claims tasks that have got places in jobs of earlier processes
   * @param outdated how many of these jobs are unwanted, as what they make has changed
   */
  record View(
      Map<JobId, Job> jobs, Set<JobId> unwanted, List<Earlier.Place> claims, int outdated) {}

  /** Waits until it is time or a job is to be ended; returns null if the session closes. */
  @Nullable
  View view(Duration pause) throws InterruptedException {
    lock.lock();
    try {
      long left = pause.toNanos();
      while (!closing && unwanted.isEmpty() && claims.isEmpty() && left > 0) {
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
    View view = new View(new LinkedHashMap<>(open), ids, claims, outdated);
    claims = new ArrayList<>();
    outdated = 0;
    return view;
  }

  /** Tells whether an attempt is not over. */
  boolean current(int task, int attempt) {
    lock.lock();
    try {
      return attempts.current(task, attempt);
    } finally {
      lock.unlock();
    }
  }

  /** Ends an attempt; returns false if it was over. */
  boolean end(int task, int attempt) {
    lock.lock();
    try {
      return attempts.end(task, attempt);
    } finally {
      lock.unlock();
    }
  }

  /** Lets a task of a job that is over wait for another job. */
  void again(Job job, int place) {
    lock.lock();
    try {
      int task = job.task(place);
      if (attempts.current(task, job.attempt(place)) && attempts.job(task) == job) {
        attempts.put(task, null);
        PlannedStage stage = plan.stageOf(task);
        Lane lane = job.array.earlier ? lanes.of(stage.route(), stage) : job.array.lane;
        lane.addFirst(task, job.attempt(place));
        ready.signal();
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
