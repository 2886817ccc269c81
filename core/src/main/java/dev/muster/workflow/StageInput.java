package dev.muster.workflow;

import org.jspecify.annotations.Nullable;

/**
 * One data input of a stage: the output of another stage, or one named port of it.
 *
 * <p>Immutable and thread-safe.
 *
 * @param node the producing stage's id
 * @param port the named output to take, or null for the whole output
 * @param as the name under which the operation sees it, or null for {@link #name()}'s default
 * @param optional whether the input is null (in a list: absent) for a dataset that {@code node} does not apply to; else
 *     it is there what {@code node} itself would have read, or an error of planning
 * @since 0.1
 */
public record StageInput(
    String node, @Nullable String port, @Nullable String as, boolean optional) {
  public StageInput {
    if (node.isBlank()) {
      throw new IllegalArgumentException("an input needs the id of a stage");
    }
  }

  /** An input that is not optional. */
  public StageInput(String node, @Nullable String port, @Nullable String as) {
    this(node, port, as, false);
  }

  /** Returns this input as an optional one. */
  public StageInput asOptional() {
    return new StageInput(node, port, as, true);
  }

  /** Returns the whole output of {@code node}. */
  public static StageInput of(String node) {
    return new StageInput(node, null, null);
  }

  /** Returns the name under which the operation sees this input: {@code as}, else the port, else the stage's id. */
  public String name() {
    return as != null ? as : port != null ? port : node;
  }
}
