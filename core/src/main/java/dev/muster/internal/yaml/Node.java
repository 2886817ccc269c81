package dev.muster.internal.yaml;

import org.jspecify.annotations.Nullable;

/** A value of a YAML document and where it stands. An aliased value is one node at several places. Immutable. */
abstract sealed class Node permits ScalarNode, ListNode, MapNode {
  private final int line;
  private final int column;

  Node(int line, int column) {
    this.line = line;
    this.column = column;
  }

  /** The line on which the value starts, from 1. */
  final int line() {
    return line;
  }

  /** The column at which the value starts, from 1. */
  final int column() {
    return column;
  }

  /** How many values there are in here, this one and repeated ones included. */
  int weight() {
    return 1;
  }

  /** How many collections lie inside each other here: 0 for a scalar. */
  int height() {
    return 0;
  }

  /** Tells whether the value is null or nothing at all. */
  boolean isNull() {
    return false;
  }

  /** The value as plain Java: null, Boolean, String, Number, List or Map. */
  abstract @Nullable Object toJava();

  /** What a message calls this value, for example {@code text 'four'} or {@code a list}. */
  abstract String describe();
}
