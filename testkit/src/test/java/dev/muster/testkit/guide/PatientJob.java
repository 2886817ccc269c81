package dev.muster.testkit.guide;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import java.util.Set;

/** A job that is submitted again when its place was taken back; application code, not Muster's. */
final class PatientJob {
  private final BatchSystem system;
  private final JobSpec spec;
  private JobId job;

  PatientJob(BatchSystem system, JobSpec spec) {
    this.system = system;
    this.spec = spec;
    this.job = system.submit(spec, 1).get(0);
  }

  /** Looks once; returns whether the job is over. */
  boolean look() {
    if (!(system.status(Set.of(job)) instanceof StatusReport.Answered answer)) {
      return false; // not known now
    }
    if (answer.statuses().get(job) instanceof JobStatus.Ended ended) {
      if (ended.end() != End.PREEMPTED) {
        return true;
      }
      job = system.submit(spec, 1).get(0);
    }
    return false;
  }
}
