package dev.muster.dask;

import dev.muster.error.MusterException;
import dev.muster.execution.Staging;
import dev.muster.spi.BackendContext;
import dev.muster.workflow.Dataset;
import java.nio.file.Path;

/** What can be said before anything is submitted of a run whose files are sent. */
final class Transfers {
  private Transfers() {}

  /**
   * Checks that the workers of a run can have what they need.
   *
   * @throws MusterException if they cannot
   */
  static void check(BackendContext context, DaskConfig config) {
    if (context.plan().execution().execution().staging() != Staging.TRANSFER) {
      return;
    }
    if (config.address() != null) {
      throw new MusterException(
          "execution.staging is transfer, and the workers of the existing cluster at "
              + config.address()
              + " are not started by this run, so nothing can be sent to them; use staging: shared with"
              + " folders that they see, or leave out execution.config.address");
    }
    for (Dataset dataset : context.plan().workflow().datasets()) {
      for (String file : dataset.files()) {
        if (!file.contains("://")
            && !file.startsWith("/")
            && Path.of(file).normalize().startsWith("..")) {
          throw new MusterException("dataset " + dataset.name() + ": the file " + file
              + " lies outside of the workflow's folder, so workers to which files are sent"
              + " (staging: transfer) would look for it in vain; write a URL, an absolute path that"
              + " workers see, or move it into the workflow's folder");
        }
      }
    }
    if (!config.secure() && !context.credentials().variables().isEmpty()) {
      context
          .sink()
          .notice("TLS is off (execution.config.security: none): credentials that are renewed"
              + " during the run do not reach workers that run");
    }
  }
}
