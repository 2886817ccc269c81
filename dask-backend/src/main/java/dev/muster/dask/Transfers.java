package dev.muster.dask;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Staging;
import dev.muster.plan.Plan;
import dev.muster.spi.BackendContext;
import dev.muster.workflow.Dataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What can be said before anything is submitted of a run whose files are sent. */
final class Transfers {
  private Transfers() {}

  /**
   * Checks that the workers of a run can have what they need.
   *
   * @throws WorkflowException if they cannot; lists all that is wrong
   */
  static void check(Plan plan, DaskConfig config) {
    if (plan.execution().execution().staging() != Staging.TRANSFER) {
      return;
    }
    List<Problem> problems = new ArrayList<>();
    if (config.address() != null) {
      problems.add(new Problem(
          null,
          "execution.staging",
          "execution.staging is transfer, and the workers of the existing cluster at "
              + config.address()
              + " are not started by this run, so nothing can be sent to them",
          "use staging: shared with folders that they see, or leave out execution.config.address"));
    }
    for (Dataset dataset : plan.workflow().datasets()) {
      for (String file : dataset.files()) {
        if (!file.contains("://")
            && !file.startsWith("/")
            && Path.of(file).normalize().startsWith("..")) {
          problems.add(new Problem(
              null,
              "dataset " + dataset.name(),
              "the file " + file + " lies outside of the workflow's folder, so workers to which"
                  + " files are sent (staging: transfer) would look for it in vain",
              "write a URL, an absolute path that workers see, or move it into the workflow's"
                  + " folder"));
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
  }

  /** Tells what such a run has to do without. */
  static void warn(BackendContext context, DaskConfig config) {
    if (context.plan().execution().execution().staging() == Staging.TRANSFER
        && !config.secure()
        && !context.credentials().variables().isEmpty()) {
      context
          .sink()
          .notice("TLS is off (execution.config.security: none): credentials that are renewed"
              + " during the run do not reach workers that run");
    }
  }
}
