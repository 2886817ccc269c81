package dev.muster.internal.operation;

import dev.muster.batch.ShellWords;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;

/**
 * A command for {@code sh} with placeholders.
 *
 * <p>A value never becomes part of the text that the shell reads as code: it goes into a variable, and a reference to that takes the placeholder's
 * place. So no value, whatever it holds, can run anything. Whether the reference needs quotes depends on where it stands: outside of quotes, in
 * single or double quotes, or in a here-document. Immutable and thread-safe.
 */
final class ShellScript {
  private static final String VARIABLE = "MUSTER_ARG_";

  private final List<Object> parts;

  private ShellScript(List<Object> parts) {
    this.parts = parts;
  }

  /** Where a placeholder stands. */
  enum Quotes {
    NONE,
    SINGLE,
    DOUBLE,
    HERE_DOCUMENT
  }

  private record Slot(Placeholder placeholder, Quotes quotes) {}

  /**
   * A script for one task.
   *
   * @param text what the shell reads
   * @param variables what it refers to
   * @param shown the script with its values in place, for people
   */
  record Rendered(String text, Map<String, String> variables, String shown) {}

  /**
   * Reads a command.
   *
   * @throws IllegalArgumentException if a placeholder is in a here-document whose text the shell takes as it stands
   */
  static ShellScript parse(String command) {
    List<Object> parts = new ArrayList<>();
    ShellQuotes quotes = new ShellQuotes(command);
    Matcher match = Placeholder.matcher(command);
    int from = 0;
    while (match.find()) {
      parts.add(command.substring(from, match.start()));
      parts.add(new Slot(Placeholder.of(match), quotes.at(match.start())));
      from = match.end();
    }
    parts.add(command.substring(from));
    return new ShellScript(List.copyOf(parts));
  }

  /** Returns the placeholders, in order. */
  List<Placeholder> placeholders() {
    return parts.stream()
        .filter(Slot.class::isInstance)
        .map(part -> ((Slot) part).placeholder())
        .toList();
  }

  /** Returns the script for a task whose values {@code words} knows. */
  Rendered render(Function<Placeholder, List<String>> words) {
    StringBuilder text = new StringBuilder();
    StringBuilder shown = new StringBuilder();
    Map<String, String> variables = new LinkedHashMap<>();
    for (Object part : parts) {
      if (part instanceof Slot slot) {
        List<String> values = words.apply(slot.placeholder());
        List<String> references = new ArrayList<>(values.size());
        for (String value : values) {
          String variable = VARIABLE + (variables.size() + 1);
          variables.put(variable, value);
          references.add("${" + variable + "}");
        }
        text.append(referring(references, slot.quotes()));
        shown.append(
            slot.quotes() == Quotes.NONE ? ShellWords.join(values) : String.join(" ", values));
      } else {
        text.append(part);
        shown.append(part);
      }
    }
    return new Rendered(text.toString(), variables, shown.toString());
  }

  private static String referring(List<String> references, Quotes quotes) {
    if (references.isEmpty()) {
      return "";
    }
    String together = String.join(" ", references);
    return switch (quotes) {
      case NONE -> "\"" + String.join("\" \"", references) + "\"";
      case SINGLE -> "'\"" + together + "\"'";
      case DOUBLE, HERE_DOCUMENT -> together;
    };
  }
}
