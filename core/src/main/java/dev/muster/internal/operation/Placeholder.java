package dev.muster.internal.operation;

import dev.muster.code.Template;
import dev.muster.code.Template.Literal;
import dev.muster.code.Template.Part;
import dev.muster.code.Template.Slot;
import dev.muster.code.Template.Take;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the places in a text where a task's values go: {@code {params.x}}, {@code {param.y}}, {@code {input.a}}, {@code {files}} and so
 * on. After a {@code $}, or with any other name, braces stand for themselves, as shells and awk need them. Thread-safe.
 */
final class Placeholder {
  private static final Pattern PATTERN = Pattern.compile(
      "(?<!\\$)\\{(?:(params|param|input)\\.([^{}\\s]+)|(files|files_list|output_dir|base_dir|stage|partition"
          + "|dataset|attempt|pool|worker))\\}");

  private Placeholder() {}

  /**
   * One place.
   *
   * @param start where it begins
   * @param end where it ends, exclusive
   * @param text as written, with braces
   * @param kind {@code params}, {@code param}, {@code input}, or the name of a single value
   * @param name what follows the dot, or null
   */
  record Found(
      int start,
      int end,
      String text,
      String kind,
      @Nullable String name) {
    private static Found of(Matcher match) {
      String kind = match.group(1);
      return new Found(
          match.start(),
          match.end(),
          match.group(),
          kind == null ? match.group(3) : kind,
          kind == null ? null : match.group(2));
    }
  }

  /** Returns all places in a text, in order. */
  static List<Found> find(String text) {
    List<Found> found = new ArrayList<>();
    Matcher match = PATTERN.matcher(text);
    while (match.find()) {
      found.add(Found.of(match));
    }
    return found;
  }

  /** Returns a text that is no shell's, compiled. */
  static Template template(String text) {
    List<Part> parts = new ArrayList<>();
    int from = 0;
    for (Found each : find(text)) {
      if (each.start() > from) {
        parts.add(new Literal(text.substring(from, each.start())));
      }
      parts.add(new Slot(each.text(), each.kind(), each.name(), null, Take.JOINED, "", ""));
      from = each.end();
    }
    if (from < text.length() || parts.isEmpty()) {
      parts.add(new Literal(text.substring(from)));
    }
    return new Template(parts);
  }

  /** Tells whether a text is one placeholder as a whole. */
  static boolean matches(String text) {
    return PATTERN.matcher(text).matches();
  }
}
