package dev.muster.internal.operation;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the parameter that the message of an operation names. Thread-safe. */
public final class Named {
  private static final Pattern QUOTED = Pattern.compile("'([^']{1,200})'|\\{params\\.([^{}]+)}");

  private Named() {}

  /**
   * Returns the first of the parameters that a message names, in quotes or as a placeholder, with what it names in it;
   * null if it names none.
   */
  public static @Nullable String inside(String message, Set<String> params) {
    Matcher matcher = QUOTED.matcher(message);
    while (matcher.find()) {
      String word = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
      if (within(word, params) != null) {
        return word;
      }
    }
    return null;
  }

  /** Returns the first of the parameters that a message names; null if it names none. */
  static @Nullable String parameter(String message, Set<String> params) {
    Matcher matcher = QUOTED.matcher(message);
    while (matcher.find()) {
      String name = within(matcher.group(1) != null ? matcher.group(1) : matcher.group(2), params);
      if (name != null) {
        return name;
      }
    }
    return null;
  }

  private static @Nullable String within(String word, Set<String> params) {
    for (String name = word; !name.isEmpty(); name = shorter(name)) {
      if (params.contains(name)) {
        return name;
      }
    }
    return null;
  }

  private static String shorter(String name) {
    return name.substring(0, Math.max(0, Math.max(name.lastIndexOf('.'), name.lastIndexOf('['))));
  }
}
