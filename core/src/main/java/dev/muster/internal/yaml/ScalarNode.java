package dev.muster.internal.yaml;

import org.jspecify.annotations.Nullable;

/** A single value: its text as written, and what kind of value the text stands for. */
final class ScalarNode extends Node {
  /** What a scalar's text stands for. */
  enum Kind {
    TEXT,
    INTEGER,
    FLOAT,
    BOOLEAN,
    NULL
  }

  private final String text;
  private final Kind kind;

  ScalarNode(int line, int column, String text, Kind kind) {
    super(line, column);
    this.text = text;
    this.kind = kind;
  }

  String text() {
    return text;
  }

  Kind kind() {
    return kind;
  }

  @Override
  boolean isNull() {
    return kind == Kind.NULL;
  }

  @Override
  @Nullable
  Object toJava() {
    return switch (kind) {
      case TEXT -> text;
      case INTEGER -> Scalars.integer(text);
      case FLOAT -> Scalars.fraction(text);
      case BOOLEAN -> Scalars.bool(text);
      case NULL -> null;
    };
  }

  @Override
  String describe() {
    return switch (kind) {
      case TEXT -> text.isEmpty() ? "an empty text" : "the text " + Quoted.of(text);
      case INTEGER, FLOAT -> "the number " + Quoted.plain(text);
      case BOOLEAN -> text;
      case NULL -> "nothing";
    };
  }
}
