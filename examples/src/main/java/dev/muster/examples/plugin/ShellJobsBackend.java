package dev.muster.examples.plugin;

import dev.muster.error.MusterException;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.workflow.Stage;

/**
 * Runs each task of {@code shell} stages as a job of whatever strategy is chosen. Choose it with
 * {@code backend: shell-jobs}.
 *
 * <p>The stage's parameter {@code command} is read by {@code sh}; the output is a reference to the file that holds what
 * the command printed. Immutable and thread-safe.
 */
public final class ShellJobsBackend implements Backend {
  @Override
  public String name() {
    return "shell-jobs";
  }

  @Override
  public BackendSession open(BackendContext context) {
    for (PlannedStage planned : context.plan().stages()) {
      Stage stage = planned.stage();
      if (planned.route().backend().equals(name())
          && !(stage.op().equals("shell") && stage.params().get("command") instanceof String)) {
        throw new MusterException(
            "the backend shell-jobs runs stages with op: shell and a command, " + "but "
                + stage.id() + " is not one; give it another backend");
      }
    }
    return new ShellJobsSession(context);
  }
}
