package dev.muster.internal.operation;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Reads names with dots, as in {@code {input.Select.hist}}. */
final class Names {
  private Names() {}

  /** Returns the longest known name that {@code text} is, or begins with before a dot; or null. */
  static @Nullable String longest(String text, Collection<String> known) {
    for (int end = text.length(); end > 0; end = text.lastIndexOf('.', end - 1)) {
      String name = text.substring(0, end);
      if (known.contains(name)) {
        return name;
      }
    }
    return null;
  }
}
