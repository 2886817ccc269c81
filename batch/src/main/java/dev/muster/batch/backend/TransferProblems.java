package dev.muster.batch.backend;

import dev.muster.error.Problem;
import dev.muster.execution.Pool;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.BackendContext;
import dev.muster.workflow.Dataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What can be said before anything is submitted of jobs that see nothing of this host. */
final class TransferProblems {
  private TransferProblems() {}

  /** Returns what is wrong. */
  static List<Problem> of(BackendContext context) {
    List<Problem> problems = new ArrayList<>();
    for (Dataset dataset : context.plan().workflow().datasets()) {
      for (String file : dataset.files()) {
        boolean place = file.contains("://") || file.startsWith("/");
        if (!place && Path.of(file).normalize().startsWith("..")) {
          problems.add(new Problem(
              null,
              "dataset " + dataset.name(),
              "the file " + file + " lies outside of the workflow's folder, so jobs to which"
                  + " files are sent (staging: transfer) would look for it in vain",
              "write a URL, an absolute path that jobs see, or move it into the workflow's"
                  + " folder"));
        }
      }
    }
    for (PlannedStage stage : context.stages()) {
      for (Pool pool : stage.route().pools()) {
        boolean shares =
            context.pools().contains(pool) && PoolOptions.of(context, pool).tasksPerJob() > 1;
        if (shares && stage.stage().timeout() != null) {
          problems.add(new Problem(
              null,
              "stage " + stage.id() + ".timeout",
              "stage " + stage.id() + " has a timeout, and a job of pool " + pool.name()
                  + " that has several tasks (tasks_per_job) does not say when each begins where"
                  + " files are sent (staging: transfer)",
              "leave out tasks_per_job, or the timeout; walltime ends a job that takes too long"));
        }
      }
    }
    return problems;
  }
}
