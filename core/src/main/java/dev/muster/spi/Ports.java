package dev.muster.spi;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.value.PythonValue;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes named outputs out of what a task has returned: the same on every backend.
 *
 * @since 0.1
 */
public final class Ports {
  private Ports() {}

  /**
   * Returns what a reader gets of an output: all of it without a port, what it holds under the port's name, or all of
   * it where it has no names and this port alone is read of its stage.
   *
   * @param reader the stage that reads
   * @param producer the task that has returned the output
   * @param port the name, or null
   * @param output the output
   * @throws TaskException if there is no such part; says what there is
   */
  public static @Nullable Object take(
      Plan plan,
      PlannedStage reader,
      int producer,
      @Nullable String port,
      @Nullable Object output) {
    if (port == null) {
      return output;
    }
    Map<?, ?> ports = PythonValue.named(output);
    if (ports != null && ports.containsKey(port)) {
      return ports.get(port);
    }
    if (output != null && ports == null && port.equals(plan.stageOf(producer).solePort())) {
      return output;
    }
    String returned;
    if (ports != null) {
      returned = "the outputs " + ports.keySet();
    } else if (output == null) {
      returned = "nothing";
    } else {
      returned = "a single " + output.getClass().getSimpleName()
          + ", and other outputs of it are read too";
    }
    throw new TaskException(
        FailureKind.OPERATION,
        "stage " + reader.id() + " reads the output '" + port + "' of " + plan.nameOf(producer)
            + ", which returned " + returned,
        null);
  }
}
