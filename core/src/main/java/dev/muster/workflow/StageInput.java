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
 * @since 0.1
 */
public record StageInput(
    String node, @Nullable String port, @Nullable String as) {
  public StageInput {
    if (node.isBlank()) {
      throw new IllegalArgumentException("an input needs the id of a stage");
    }
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
