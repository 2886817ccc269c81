package dev.muster.batch.internal.local;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.code.ShellWords;
import dev.muster.error.MusterException;
import dev.muster.execution.Staging;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.ChildProcess;
import dev.muster.internal.process.CommandEnd;
import dev.muster.internal.process.CommandSize;
import dev.muster.internal.process.ExitCode;
import dev.muster.internal.process.Launch;
import dev.muster.internal.process.PlainCommand;
import dev.muster.internal.process.ProcessMark;
import dev.muster.internal.process.Programs;
import dev.muster.internal.process.RunningCommand;
import dev.muster.internal.process.SystemText;
import dev.muster.internal.process.Variables;
import dev.muster.internal.thread.RunThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A batch system whose jobs are child processes.
 *
 * <p>They start at once, whatever they need. The copies of the n-th submission are the jobs {@code n.0}, {@code n.1}
 * and so on; each finds its index in {@code MUSTER_JOB_INDEX}. A job whose files are sent starts in a temporary folder
 * of its own with copies of them, but for those that it can do without; the folder is deleted at its end. When a job's
 * own process ends, what it has left behind is ended too. A job whose walltime is over is asked to end, and killed
 * after the grace period. Thread-safe.
 */
final class LocalProcesses implements BatchSystem {
  private static final Logger log = LoggerFactory.getLogger(LocalProcesses.class);

  private final String run;
  private final Duration grace;
  private final @Nullable Duration walltime;
  private final Path scripts;
  private final LongSupplier memoryKills;
  private final String token = String.format(
      Locale.ROOT,
      "local-%08x",
      ThreadLocalRandom.current().nextInt()); // others may have the folder too
  private final Map<JobId, Job> jobs = new ConcurrentHashMap<>();
  private final JobFolders folders = new JobFolders();
  private @Nullable ScheduledThreadPoolExecutor timer;
  private int submissions;
  private boolean closed;

  /**
   * Makes a system that has no jobs.
   *
   * @param run the id of the run
   * @param grace how long a job has to end by itself after it was asked to
   * @param walltime how long a job may run that says nothing itself, or null for ever
   * @param scripts the folder for the scripts of jobs that have a setup; made when it is needed
   * @param memoryKills tells how many processes the system has killed so far because memory ran out
   */
  LocalProcesses(
      String run,
      Duration grace,
      @Nullable Duration walltime,
      Path scripts,
      LongSupplier memoryKills) {
    this.run = run;
    this.grace = grace;
    this.walltime = walltime;
    this.scripts = scripts;
    this.memoryKills = memoryKills;
  }

  @Override
  public synchronized List<JobId> submit(JobSpec spec, int copies) {
    if (copies < 1) {
      throw new IllegalArgumentException("job " + spec.name() + ": copies must be 1 or more");
    }
    if (closed) {
      throw new MusterException("job " + spec.name() + " was submitted after the end");
    }
    spec.requireOneNode("strategy local starts jobs on this host alone");
    Duration own = LocalStrategy.walltime(JobOptions.of(spec));
    Duration limit = own != null ? own : walltime;
    submissions++;
    Map<JobId, Job> started = new LinkedHashMap<>();
    try {
      OwnFiles.folder(spec.logs().resolve("out"));
      OwnFiles.folder(spec.logs().resolve("err"));
      String tag = token + "-" + submissions;
      boolean sent = spec.staging() == Staging.TRANSFER;
      JobSpec job = sent || !LocalStrategy.scripted(spec) ? spec : withScript(spec, tag, scripts);
      for (int index = 0; index < copies; index++) {
        JobId id = new JobId(submissions + "." + index);
        started.put(
            id, sent ? inFolder(spec, tag, id, index) : new Job(start(job, id, index), null, null));
      }
    } catch (IOException e) {
      RunningCommand.close(commands(started));
      started.values().forEach(Job::clean);
      throw new MusterException(
          "job " + spec.name() + " cannot be started in " + spec.directory() + ": "
              + ShellWords.join(spec.command()) + ": " + IoErrors.describe(e),
          e);
    }
    jobs.putAll(started);
    for (Job job : started.values()) {
      job.command.atEnd(job::clean);
      if (limit != null) {
        endAfter(limit, job);
      }
    }
    return List.copyOf(started.keySet());
  }

  private void endAfter(Duration limit, Job job) {
    if (timer == null) {
      timer = new ScheduledThreadPoolExecutor(1, RunThreads.daemons("walltime", run));
      timer.setRemoveOnCancelPolicy(true);
    }
    Future<?> end = timer.schedule(
        () -> {
          if (job.command.end() == null) {
            job.overtime = true;
            job.command.cancel();
          }
        },
        limit.toMillis(),
        TimeUnit.MILLISECONDS);
    job.limit = end;
    if (job.command.end() != null) {
      end.cancel(false);
    }
  }

  /** Writes the script of a job that has a setup, and returns the job that runs it. */
  private static JobSpec withScript(JobSpec spec, String tag, Path folder) throws IOException {
    OwnFiles.folder(folder);
    Path script = LocalStrategy.script(folder, tag);
    OwnFiles.writeProgram(script, LocalStrategy.text(spec, tag, folder));
    return spec.toBuilder().command(LocalStrategy.command(script)).build();
  }

  /** Starts a job whose files are sent. */
  private Job inFolder(JobSpec spec, String tag, JobId id, int index) throws IOException {
    List<Path> files = new ArrayList<>(spec.files());
    files.removeAll(spec.unless().keySet()); // its script sees to these
    Path parcels = spec.parcels();
    String number = Integer.toString(index);
    if (parcels != null) {
      files.add(parcels.resolve(JobSpec.parcelIn(number)));
    }
    Path folder = folders.make(tag + "." + index, files);
    try {
      JobSpec own = spec.toBuilder().directory(folder).build();
      JobSpec job = LocalStrategy.scripted(own) ? withScript(own, tag, folder) : own;
      Path left = parcels == null ? null : parcels.resolve(JobSpec.parcelOut(number));
      return new Job(start(job, id, index), folder, left);
    } catch (IOException e) {
      folders.delete(folder);
      throw e;
    }
  }

  private RunningCommand start(JobSpec spec, JobId id, int index) throws IOException {
    List<String> command = new ArrayList<>(spec.command());
    Path program = Programs.find(command.get(0), spec.environment().get("PATH"), spec.directory());
    if (program == null) {
      throw new IOException("the program " + command.get(0) + " "
          + Programs.missing(command.get(0), spec.environment().get("PATH"), spec.directory()));
    }
    command.set(0, program.toString());
    Map<String, String> environment = new HashMap<>(System.getenv());
    if (spec.environment().containsKey("BEARER_TOKEN_FILE")) {
      environment.remove(ChildProcess.TOKEN);
    }
    environment.putAll(spec.environment());
    if (spec.staging() == Staging.TRANSFER) {
      environment.put(JobScript.FILES_VARIABLE, spec.directory().toString());
    } else if (!spec.files().isEmpty()) {
      environment.put(
          JobScript.FILES_VARIABLE, String.valueOf(spec.files().get(0).getParent()));
    }
    environment.put(JobScript.INDEX_VARIABLE, Integer.toString(index));
    check(command, environment);
    Launch.Logs logs = new Launch.Logs(
        OwnFiles.file(spec.outFile(id.id())), OwnFiles.file(spec.errFile(id.id())), false);
    Launch launch = new Launch(
        command,
        spec.directory(),
        Variables.of(environment),
        null,
        logs,
        false,
        List.of(ProcessMark.VARIABLE),
        grace);
    // Without a launcher, which would end all below a job: a worker's container runtimes outlive
    // what they serve.
    return PlainCommand.start(launch, run);
  }

  private static void check(List<String> command, Map<String, String> environment)
      throws IOException {
    String excess = CommandSize.excess(command, environment);
    if (!excess.isEmpty()) {
      throw new IOException("the command is too long: " + excess);
    }
    String lost = SystemText.problem(command, environment);
    if (!lost.isEmpty()) {
      throw new IOException(lost);
    }
  }

  @Override
  public StatusReport status(Set<JobId> asked) {
    Map<JobId, JobStatus> statuses = new HashMap<>();
    for (JobId id : asked) {
      Job job = jobs.get(id);
      statuses.put(
          id, job == null ? new JobStatus.Unknown("no job " + id + " was started") : job.status());
    }
    return new StatusReport.Answered(statuses);
  }

  @Override
  public void cancel(Set<JobId> asked) {
    for (JobId id : asked) {
      Job job = jobs.get(id);
      if (job != null && job.command.end() == null) {
        job.cancelled = true;
        job.command.cancel();
      }
    }
  }

  @Override
  public void close() {
    Map<JobId, Job> all;
    synchronized (this) {
      closed = true;
      all = Map.copyOf(jobs);
      if (timer != null) {
        List<Runnable> unused = timer.shutdownNow();
      }
    }
    for (Job job : all.values()) {
      if (job.command.end() == null) {
        job.cancelled = true;
      }
    }
    RunningCommand.close(commands(all));
    folders.close();
  }

  private static List<RunningCommand> commands(Map<JobId, Job> jobs) {
    return jobs.values().stream().map(job -> job.command).toList();
  }

  private final class Job {
    final RunningCommand command;
    final @Nullable Path folder;
    private final @Nullable Path left;
    private boolean home;
    private final long killsBefore = memoryKills.getAsLong();
    private @Nullable Boolean outOfMemory;
    volatile @Nullable Future<?> limit;
    volatile boolean cancelled;
    volatile boolean overtime;

    Job(RunningCommand command, @Nullable Path folder, @Nullable Path left) {
      this.command = command;
      this.folder = folder;
      this.left = left;
    }

    /** Brings back what it has left, once. */
    private synchronized void bringHome() {
      if (home || folder == null || left == null) {
        return;
      }
      home = true;
      Path from = folder.resolve(left.getFileName());
      try {
        if (Files.exists(from)) {
          Path part = left.resolveSibling(left.getFileName() + ".part");
          Files.copy(from, part, StandardCopyOption.REPLACE_EXISTING);
          Files.move(part, left, StandardCopyOption.ATOMIC_MOVE);
        }
      } catch (IOException e) {
        log.warn("what a job has left cannot be brought to {}: {}", left, IoErrors.describe(e));
      }
    }

    void clean() {
      CommandEnd ended = command.end();
      boolean unused = ended != null && outOfMemory(ended.code());
      Future<?> end = limit;
      if (end != null) {
        end.cancel(false);
      }
      bringHome();
      if (folder != null) {
        folders.delete(folder);
      }
    }

    JobStatus status() {
      CommandEnd ended = command.end();
      if (ended == null) {
        return new JobStatus.Running("localhost");
      }
      bringHome();
      int code = ended.code();
      return new JobStatus.Ended(
          end(code), code, ended.lost() == null ? reason(code) : ended.lost());
    }

    private JobStatus.End end(int code) {
      if (overtime) {
        return JobStatus.End.WALLTIME;
      }
      if (cancelled) {
        return JobStatus.End.CANCELLED;
      }
      if (outOfMemory(code)) {
        return JobStatus.End.OUT_OF_MEMORY;
      }
      return code == 0 ? JobStatus.End.SUCCEEDED : JobStatus.End.FAILED;
    }

    /**
     * Tells whether it was killed and the system says that it has killed a process for lack of memory; asked once,
     * since a later kill says nothing of this job.
     */
    private synchronized boolean outOfMemory(int code) {
      if (outOfMemory == null) {
        outOfMemory = code == ExitCode.KILLED && memoryKills.getAsLong() > killsBefore;
      }
      return outOfMemory;
    }

    private @Nullable String reason(int code) {
      String signal = ExitCode.signal(code);
      if (!overtime && !cancelled && outOfMemory(code)) {
        return "the system killed a process for lack of memory meanwhile";
      }
      return signal == null ? null : "ended by " + signal;
    }
  }
}
