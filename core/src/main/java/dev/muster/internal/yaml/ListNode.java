package dev.muster.internal.yaml;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list of values. */
final class ListNode extends Node {
  private final Node[] items;
  private final int weight;
  private final int height;

  ListNode(int line, int column, List<Node> items) {
    super(line, column);
    this.items = items.toArray(Node[]::new);
    int total = 1;
    int highest = 0;
    for (Node item : this.items) {
      total += item.weight();
      highest = Math.max(highest, item.height());
    }
    weight = total;
    height = highest + 1;
  }

  int size() {
    return items.length;
  }

  Node item(int index) {
    return items[index];
  }

  @Override
  int weight() {
    return weight;
  }

  @Override
  int height() {
    return height;
  }

  @Override
  List<@Nullable Object> toJava() {
    List<@Nullable Object> values = new ArrayList<>(items.length);
    for (Node item : items) {
      values.add(item.toJava());
    }
    return values;
  }

  @Override
  String describe() {
    return items.length == 0 ? "an empty list" : "a list";
  }
}
