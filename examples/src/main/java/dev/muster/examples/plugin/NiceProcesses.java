package dev.muster.examples.plugin;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.error.MusterException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Child processes as jobs: each is a {@code nice} that becomes the job's own program. Thread-safe. */
final class NiceProcesses implements BatchSystem {
  private static final int DEFAULT_NICENESS = 10;
  private static final int GRACE_SECONDS = 5;

  private final Map<String, @Nullable Object> config;
  private final Map<JobId, Process> processes = new ConcurrentHashMap<>();
  private final Set<JobId> cancelled = ConcurrentHashMap.newKeySet();
  private final AtomicInteger lastId = new AtomicInteger();
  private boolean closed;

  NiceProcesses(Map<String, @Nullable Object> config) {
    this.config = config;
  }

  @Override
  public synchronized List<JobId> submit(JobSpec spec, int copies) {
    if (closed) {
      throw new MusterException("could not start " + spec.name() + ": the run is over");
    }
    if (!spec.setup().isEmpty()) {
      throw new MusterException(
          "job " + spec.name()
              + " has a setup, which needs a shell, and strategy nice starts programs without one; use strategy local");
    }
    List<String> command = new ArrayList<>(List.of("nice", "-n", niceness(spec)));
    command.addAll(spec.command());
    Map<JobId, Process> started = new LinkedHashMap<>();
    try {
      Files.createDirectories(spec.logs());
      for (int i = 0; i < copies; i++) {
        JobId id = new JobId(String.valueOf(lastId.incrementAndGet()));
        started.put(id, start(command, id, spec));
      }
    } catch (IOException e) {
      started.values().forEach(NiceProcesses::end); // all copies or none
      throw new MusterException("could not start " + command + " in " + spec.directory(), e);
    }
    processes.putAll(started);
    return List.copyOf(started.keySet());
  }

  private static Process start(List<String> command, JobId id, JobSpec spec) throws IOException {
    String log = spec.name() + "-" + id;
    ProcessBuilder builder = new ProcessBuilder(command)
        .directory(spec.directory().toFile())
        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
        .redirectOutput(spec.logs().resolve(log + ".out").toFile())
        .redirectError(spec.logs().resolve(log + ".err").toFile());
    builder.environment().putAll(spec.environment());
    return builder.start();
  }

  private String niceness(JobSpec spec) {
    Object value = spec.config().getOrDefault("nice", config.get("nice"));
    if (value == null) {
      value = DEFAULT_NICENESS;
    }
    if (!(value instanceof Number number)
        || number.doubleValue() != number.intValue()
        || number.intValue() < 0
        || number.intValue() > 19) {
      throw new MusterException("the option nice must be 0 to 19, got " + value);
    }
    return String.valueOf(number.intValue());
  }

  @Override
  public StatusReport status(Set<JobId> jobs) {
    Map<JobId, JobStatus> statuses = new LinkedHashMap<>();
    for (JobId job : jobs) {
      statuses.put(job, status(job));
    }
    return new StatusReport.Answered(statuses);
  }

  private JobStatus status(JobId job) {
    Process process = processes.get(job);
    if (process == null) {
      return new JobStatus.Ended(End.LOST, null, "there is no job " + job);
    }
    if (process.isAlive()) {
      return new JobStatus.Running("localhost");
    }
    int code = process.exitValue();
    End end = code == 0 ? End.SUCCEEDED : cancelled.contains(job) ? End.CANCELLED : End.FAILED;
    return new JobStatus.Ended(end, code, null);
  }

  @Override
  public void cancel(Set<JobId> jobs) {
    for (JobId job : jobs) {
      Process process = processes.get(job);
      if (process != null && process.isAlive()) {
        cancelled.add(job);
        List<ProcessHandle> unused = end(process);
      }
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true; // from here on nothing starts
    }
    List<ProcessHandle> left = new ArrayList<>();
    processes.forEach((job, process) -> {
      if (process.isAlive()) {
        cancelled.add(job);
        left.addAll(end(process));
      }
    });
    left.forEach(process -> process.onExit().join());
  }

  // Asks a process and its children to end, and after a while insists. A shell whose child ends
  // first may end well.
  private static List<ProcessHandle> end(Process process) {
    List<ProcessHandle> family = new ArrayList<>(List.of(process.toHandle()));
    family.addAll(process.descendants().toList());
    family.forEach(ProcessHandle::destroy);
    CompletableFuture.delayedExecutor(GRACE_SECONDS, TimeUnit.SECONDS)
        .execute(() -> family.forEach(ProcessHandle::destroyForcibly));
    return family;
  }
}
