package dev.muster;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;

/**
 * What a workflow file holds: the workflow, and the execution that it was written with.
 *
 * <p>Immutable and thread-safe.
 *
 * @param workflow what to do
 * @param layer where, as the file itself says it, with the places of its values
 * @param profiles the site files that the file asks for, the lowest first; they lie below {@code layer}
 * @since 0.1
 */
@CheckReturnValue
public record WorkflowFile(Workflow workflow, Layer layer, List<Layer> profiles) {
  public WorkflowFile {
    profiles = List.copyOf(profiles);
  }

  /** Returns where to run, as the file itself says it. */
  public Execution execution() {
    return layer.execution();
  }

  /** Returns what this file says on top of what the site says. */
  public WorkflowFile on(SiteFiles site) {
    List<Layer> below = new ArrayList<>(site.layers());
    below.addAll(profiles);
    Workflow merged =
        workflow.toBuilder().registry(workflow.registry().over(site.registry())).build();
    return new WorkflowFile(merged, layer, below);
  }
}
