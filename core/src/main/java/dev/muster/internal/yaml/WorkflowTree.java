package dev.muster.internal.yaml;

import dev.muster.error.SourceLocation;
import dev.muster.error.WorkflowException;
import dev.muster.spi.WorkflowText;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A YAML file as other languages than Muster's own see it. Immutable and thread-safe. */
public final class WorkflowTree implements WorkflowText {
  private final Path file;
  private final @Nullable Node root;

  private WorkflowTree(Path file, @Nullable Node root) {
    this.file = file;
    this.root = root;
  }

  /**
   * Reads a file.
   *
   * @throws WorkflowException if it cannot be read or is not YAML
   */
  public static WorkflowTree read(Path file) {
    SourceText source = SourceText.of(file);
    Problems problems = new Problems(source.file());
    Node root = TreeReader.read(source, problems);
    problems.throwIfAny();
    return new WorkflowTree(file, root);
  }

  @Override
  public Path file() {
    return file;
  }

  @Override
  public @Nullable Object value(Object... path) {
    Node node = root;
    for (Object step : path) {
      node = step(node, step);
    }
    return node == null ? null : node.toJava();
  }

  @Override
  public SourceLocation place(Object... path) {
    Node node = root;
    SourceLocation place = at(1, 1);
    for (Object step : path) {
      Node next = step(node, step);
      if (next == null) {
        return place;
      }
      MapNode.Entry entry = node instanceof MapNode map ? map.find(String.valueOf(step)) : null;
      place = entry != null ? at(entry.line(), entry.column()) : at(next.line(), next.column());
      node = next;
    }
    return place;
  }

  private SourceLocation at(int line, int column) {
    return new SourceLocation(file.toString(), line, column);
  }

  private static @Nullable Node step(@Nullable Node node, Object step) {
    if (node instanceof MapNode map) {
      MapNode.Entry entry = map.find(String.valueOf(step));
      return entry == null ? null : entry.value();
    }
    if (node instanceof ListNode list && step instanceof Integer index) {
      return index >= 0 && index < list.size() ? list.item(index) : null;
    }
    return null;
  }
}
