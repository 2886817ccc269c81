package dev.muster.internal.operation;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in a text where a task's value goes: {@code {params.x}}, {@code {input.a}}, {@code {files}} and so on. After a {@code $}, or with any other
 * name, braces stand for themselves, as shells and awk need them.
 *
 * @param text as written, with braces
 * @param kind {@code params}, {@code input}, or the name of a single value
 * @param name what follows the dot, or null
 */
record Placeholder(String text, String kind, @Nullable String name) {
  private static final Pattern PATTERN = Pattern.compile(
      "(?<!\\$)\\{(?:(params|input)\\.([^{}\\s]+)|(files|files_list|output_dir|base_dir|stage|partition"
          + "|dataset|attempt|pool|worker))\\}");

  /** Returns a matcher that finds placeholders in a text. */
  static Matcher matcher(CharSequence text) {
    return PATTERN.matcher(text);
  }

  /** Returns the placeholder that a matcher has found. */
  static Placeholder of(Matcher match) {
    String kind = match.group(1);
    return kind == null
        ? new Placeholder(match.group(), match.group(3), null)
        : new Placeholder(match.group(), kind, match.group(2));
  }
}
