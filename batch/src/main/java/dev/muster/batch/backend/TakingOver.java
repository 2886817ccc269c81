package dev.muster.batch.backend;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.LastingBatchSystem;
import dev.muster.batch.spi.SubmitOutcome;
import dev.muster.error.MusterException;
import dev.muster.plan.Plan;
import dev.muster.resource.Quantities;
import dev.muster.spi.BackendContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds what earlier processes of a run have left of its jobs, before anything is submitted: jobs that the batch system
 * may have are asked for, by their ids or the tag under which they were to be submitted. Not thread-safe.
 */
final class TakingOver {
  /** How long a batch system is waited for that cannot be asked. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final Duration PAUSE = Duration.ofSeconds(2);

  /** How long after a submission's command began its jobs may not be listed yet. */
  private static final Duration SLOW = Duration.ofSeconds(10);

  private final BackendContext context;
  private final String strategy;
  private final JobPlans plans;
  private final BatchSystem system;
  private final Map<String, PoolJobs> pools = new HashMap<>();
  private final Earlier earlier;
  private final List<JobRecord> records;
  private int ended;

  /**
   * @param strategy the name of the strategy of this session
   * @param pools the pools of this session
   * @param records takes the records that are written on, for the caller to close
   */
  TakingOver(
      BackendContext context,
      String strategy,
      JobPlans plans,
      BatchSystem system,
      List<PoolJobs> pools,
      List<JobRecord> records) {
    this.records = records;
    this.context = context;
    this.earlier = new Earlier(context.resultKeys());
    this.strategy = strategy;
    this.plans = plans;
    this.system = system;
    pools.forEach(pool -> this.pools.put(pool.pool.name(), pool));
  }

  /**
   * Finds it.
   *
   * @param own the folder of this session
   * @throws MusterException if a batch system cannot be asked, so that jobs might be submitted twice
   */
  Earlier find(Path own) {
    if (context.resultKeys() == null) {
      return earlier;
    }
    Path debug = context.directory().resolve("debug");
    for (RecordedSession session : RecordedSession.others(debug, own)) {
      boolean here = session.strategy().equals(strategy)
          && session.sent() == BatchBackend.sent(context)
          && system instanceof LastingBatchSystem;
      List<RecordedArray> open = session.open();
      if (!open.isEmpty() && !here) {
        context
            .sink()
            .notice("jobs that an earlier process of this run has submitted with strategy "
                + session.strategy() + " are ended: this run has another strategy or staging");
        int unused = RunJobs.end(session, debug);
        open = List.of();
      }
      JobRecord record = JobRecord.goOn(session.folder());
      records.add(record);
      Map<String, Integer> numbers = numbers(session);
      for (RecordedArray array : session.arrays().values()) {
        boolean asked = open.contains(array) && pools.containsKey(array.pool);
        if (open.contains(array) && !asked) {
          end(array);
        }
        add(session, array, numbers, asked && settle(array, record), record);
      }
    }
    endUnwanted();
    if (!earlier.jobs().isEmpty()) {
      context
          .sink()
          .notice("jobs of an earlier process of this run that may go on: "
              + earlier.jobs().size() + "; they are taken over");
    }
    return earlier;
  }

  /** Returns the numbers that the tasks of a session have in the plan of now. */
  private Map<String, Integer> numbers(RecordedSession session) {
    Plan plan = context.plan();
    Map<String, Integer> numbers = new HashMap<>();
    Set<String> others = new HashSet<>();
    for (RecordedArray array : session.arrays().values()) {
      for (int i = 0; i < array.names.size(); i++) {
        String name = array.names.get(i);
        int before = i < array.tasks.length ? array.tasks[i] : -1;
        if (before >= 0 && before < plan.taskCount() && plan.nameOf(before).equals(name)) {
          numbers.put(name, before);
        } else {
          others.add(name);
        }
      }
    }
    for (int task = 0; task < plan.taskCount() && !others.isEmpty(); task++) {
      String name = plan.nameOf(task);
      if (others.remove(name)) {
        numbers.put(name, task);
      }
    }
    return numbers;
  }

  /**
   * Finds the jobs of a submission; returns whether there are any.
   *
   * @throws MusterException if the batch system cannot be asked
   */
  private boolean settle(RecordedArray array, JobRecord record) {
    for (String tag : array.tags.subList(0, array.tags.size() - 1)) {
      cancel(tag); // nobody knew whether these had arrived, and they were cancelled
    }
    if (!array.jobs.isEmpty()) {
      return true;
    }
    awaitSubmission(array);
    long end = System.nanoTime() + PATIENCE.toNanos();
    boolean told = false;
    while (true) {
      SubmitOutcome outcome = ((LastingBatchSystem) system).find(array.lastTag(), array.copies());
      if (outcome instanceof SubmitOutcome.Accepted accepted) {
        array.jobs.addAll(accepted.jobs());
        record.submitted(array.number, accepted.jobs(), 0);
        return true;
      }
      if (outcome instanceof SubmitOutcome.Rejected) {
        long age = System.currentTimeMillis() - array.at;
        if (age < 0 || age > SLOW.toMillis()) {
          record.over(array.number);
          return false;
        }
        pause();
        continue;
      }
      SubmitOutcome.Unclear unclear = (SubmitOutcome.Unclear) outcome;
      if (!unclear.again()) {
        end(array);
        record.over(array.number);
        return false;
      }
      if (!told) {
        context
            .sink()
            .notice("it is not known whether jobs of an earlier process of this run were"
                + " submitted; " + strategy + " is waited for: " + unclear.reason());
      }
      told = true;
      if (System.nanoTime() > end) {
        throw new MusterException("jobs of an earlier process of this run may be in the queue"
            + " of " + strategy + ", under the name " + array.lastTag()
            + ", and it cannot be asked for them: " + unclear.reason()
            + "\nresume the run when it can; nothing was submitted");
      }
      pause();
    }
  }

  /** Waits until the command of a submission is over that a process which is gone has begun. */
  private static void awaitSubmission(RecordedArray array) {
    String tag = array.lastTag();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (ProcessHandle.allProcesses().anyMatch(each -> submits(each, tag))) {
      if (System.nanoTime() > end) {
        throw new MusterException("the command with which an earlier process of this run submits"
            + " jobs named " + tag + " has not ended yet; resume the run when it has");
      }
      pause();
    }
  }

  /**
   * Tells whether a process is the command of a submission, or lines of a shell that give it, and not a job of it, for
   * which a shell runs a script.
   */
  private static boolean submits(ProcessHandle process, String tag) {
    List<String> words = words(process);
    String program = words.isEmpty() ? "" : words.get(0).replaceFirst(".*/", "");
    boolean runsScript =
        program.endsWith("sh") && !(words.size() > 1 && words.get(1).equals("-c"));
    return !runsScript && words.stream().anyMatch(word -> word.contains(tag));
  }

  private static List<String> words(ProcessHandle process) {
    try {
      // What Java tells of a process ends at a page of memory.
      Path line = Path.of("/proc", Long.toString(process.pid()), "cmdline");
      return List.of(Files.readString(line, StandardCharsets.ISO_8859_1).split("\0"));
    } catch (IOException e) { // it is gone, or this system has no such file
      return process.info().commandLine().map(line -> List.of(line.split(" "))).orElse(List.of());
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MusterException("interrupted while jobs of an earlier process were asked for", e);
    }
  }

  private void end(RecordedArray array) {
    array.tags.forEach(this::cancel);
    ended += array.copies();
  }

  private void cancel(String tag) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!((LastingBatchSystem) system).cancelTag(tag)) {
      if (System.nanoTime() > end) {
        throw new MusterException(strategy + " did not take the cancellation of the jobs named "
            + tag + ", which an earlier process of this run has submitted; resume the run later");
      }
      pause();
    }
  }

  /** @param there whether the batch system may have its jobs */
  private void add(
      RecordedSession session,
      RecordedArray array,
      Map<String, Integer> numbers,
      boolean there,
      JobRecord record) {
    PoolJobs pool = pools.getOrDefault(array.pool, pools.values().iterator().next());
    int[] tasks =
        array.names.stream().mapToInt(name -> numbers.getOrDefault(name, -1)).toArray();
    Array made = new Array(
        array.number,
        new Lane(pool, Quantities.none()),
        session.folder().resolve(Integer.toString(array.number)),
        array.each,
        tasks,
        new int[tasks.length],
        there ? pool.take(array.copies()) : new int[array.copies()],
        System.nanoTime(),
        record,
        true);
    JobSpec spec =
        plans.job(pool.pool, Quantities.none(), JobPlans.runner(context), made.folder).toBuilder()
            .logs(array.logs)
            .build();
    for (int index = 0; index < made.jobs(); index++) {
      JobId id = there ? array.jobs.get(index) : new JobId("submission-" + array.number);
      Job job = new Job(made, index, id, spec);
      job.settled = !there;
      for (int place = 0; place < job.tasks(); place++) {
        int task = job.task(place);
        if (task >= 0) {
          String key = array.key(index * array.each + place);
          earlier.add(task, new Earlier.Place(job, place, key, session.controller()));
        }
      }
      if (there) {
        earlier.open(job);
      }
    }
    if (there) {
      ((LastingBatchSystem) system)
          .adopt(spec, new JobArray(array.lastTag(), array.logs, array.jobs));
    }
  }

  /** Ends jobs none of whose tasks is one of the plan of now. */
  private void endUnwanted() {
    List<Job> unwanted = new ArrayList<>();
    for (Job job : earlier.jobs()) {
      if (!earlier.wanted(job)) {
        job.cancelled = true;
        unwanted.add(job);
      }
    }
    ended += unwanted.size();
    if (ended > 0) {
      context
          .sink()
          .notice("jobs of an earlier process of this run that are ended, as nothing in the"
              + " workflow needs them any more: " + ended);
    }
  }
}
