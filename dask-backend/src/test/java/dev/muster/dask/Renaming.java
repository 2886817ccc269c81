package dev.muster.dask;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.Strategy;
import dev.muster.batch.spi.StrategyContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Child processes, of which those that are killed ended as a batch system would say. */
record Renaming(End end) implements Strategy {
  @Override
  public String name() {
    return "renaming";
  }

  @Override
  public BatchSystem open(StrategyContext context) {
    BatchSystem local = Jobs.open("local", context.directory(), Map.of());
    return new BatchSystem() {
      @Override
      public List<JobId> submit(JobSpec spec, int copies) {
        return local.submit(spec, copies);
      }

      @Override
      public StatusReport status(Set<JobId> jobs) {
        Map<JobId, JobStatus> statuses = new HashMap<>();
        ((StatusReport.Answered) local.status(jobs))
            .statuses()
            .forEach((job, status) -> statuses.put(job, renamed(status)));
        return new StatusReport.Answered(statuses);
      }

      @Override
      public void cancel(Set<JobId> jobs) {
        local.cancel(jobs);
      }

      @Override
      public void close() {
        local.close();
      }
    };
  }

  private JobStatus renamed(JobStatus status) {
    return status instanceof JobStatus.Ended ended && Integer.valueOf(137).equals(ended.exitCode())
        ? new JobStatus.Ended(end, 137, "so says the test")
        : status;
  }
}
