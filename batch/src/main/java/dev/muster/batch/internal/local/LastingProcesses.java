package dev.muster.batch.internal.local;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.LastingBatchSystem;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.SubmitOutcome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Processes of this host: those that end with this JVM are its children, those that outlive it are driven by commands.
 * Thread-safe.
 */
final class LastingProcesses implements LastingBatchSystem {
  private final BatchSystem children;
  private final Supplier<BatchSystem> opener;
  private final Set<JobId> lasting = ConcurrentHashMap.newKeySet();
  private @Nullable LastingBatchSystem detached;
  private boolean closed;

  /**
   * @param children runs the processes that end with this JVM
   * @param opener opens what runs the others, when the first one is asked for
   */
  LastingProcesses(BatchSystem children, Supplier<BatchSystem> opener) {
    this.children = children;
    this.opener = opener;
  }

  private synchronized LastingBatchSystem detached() {
    LastingBatchSystem system = detached;
    if (system == null) {
      system = (LastingBatchSystem) opener.get();
      detached = system;
      if (closed) {
        system.close();
      }
    }
    return system;
  }

  @Override
  public List<JobId> submit(JobSpec spec, int copies) {
    return children.submit(spec, copies);
  }

  @Override
  public List<JobId> submitLasting(JobSpec spec, int copies, Consumer<String> recorder) {
    List<JobId> jobs = detached().submitLasting(spec, copies, recorder);
    lasting.addAll(jobs);
    return jobs;
  }

  @Override
  public void watch(JobSpec spec, JobArray jobs) {
    detached().watch(spec, jobs);
    lasting.addAll(jobs.jobs());
  }

  @Override
  public void adopt(JobSpec spec, JobArray jobs) {
    detached().adopt(spec, jobs);
    lasting.addAll(jobs.jobs());
  }

  @Override
  public SubmitOutcome find(String tag, int copies) {
    return detached().find(tag, copies);
  }

  @Override
  public boolean cancelTag(String tag) {
    return detached().cancelTag(tag);
  }

  @Override
  public int mostCopies() {
    return Integer.MAX_VALUE;
  }

  @Override
  public StatusReport status(Set<JobId> asked) {
    Set<JobId> apart = new HashSet<>(asked);
    apart.retainAll(lasting);
    if (apart.isEmpty()) {
      return children.status(asked);
    }
    StatusReport report = detached().status(apart);
    Set<JobId> others = new HashSet<>(asked);
    others.removeAll(apart);
    if (others.isEmpty() || !(report instanceof StatusReport.Answered answered)) {
      return report;
    }
    Map<JobId, JobStatus> all = new HashMap<>(answered.statuses());
    if (children.status(others) instanceof StatusReport.Answered more) {
      all.putAll(more.statuses());
    }
    return new StatusReport.Answered(all);
  }

  @Override
  public void cancel(Set<JobId> jobs) {
    children.cancel(jobs);
    Set<JobId> apart = new HashSet<>(jobs);
    apart.retainAll(lasting);
    if (!apart.isEmpty()) {
      detached().cancel(apart);
    }
  }

  @Override
  public void close() {
    children.close();
    LastingBatchSystem system;
    synchronized (this) {
      closed = true;
      system = detached;
    }
    if (system != null) {
      system.close();
    }
  }
}
