package dev.muster;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a workflow file holds: the workflow, and the execution that it was written with.
 *
 * <p>Immutable and thread-safe.
 *
 * @param workflow what to do
 * @param layer where, as the file itself says it, with the places of its values
 * @param profiles the site files that the file asks for, the lowest first; they lie below {@code layer}
 * @param language the language in which it is written, or null for Muster's own
 * @since 0.1
 */
@CheckReturnValue
public record WorkflowFile(
    Workflow workflow,
    Layer layer,
    List<Layer> profiles,
    @Nullable Language language) {
  public WorkflowFile {
    profiles = List.copyOf(profiles);
  }

  /** Makes a file in Muster's own language. */
  public WorkflowFile(Workflow workflow, Layer layer, List<Layer> profiles) {
    this(workflow, layer, profiles, null);
  }

  /**
   * Another language than Muster's own.
   *
   * @param name its name, for example {@code fasthep}
   * @param decided what decided that the file is written in it, for people
   */
  public record Language(String name, String decided) {}

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
    return new WorkflowFile(merged, layer, below, language);
  }
}
