package dev.muster.internal.operation;

import dev.muster.code.Template.Literal;
import dev.muster.code.Template.Part;
import dev.muster.code.Template.Slot;
import dev.muster.code.Template.Take;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** A command as far as it was read: its parts, the placeholders in it, and which are refused. Not thread-safe. */
abstract class ShellReader {
  private static final Pattern NUMBERS =
      Pattern.compile("(?:[\\w\\s+*/%<>=!&|^~?:,-]++|\\$\\w+|\\$\\{\\w+\\})*+");
  static final String NUMBERS_ONLY = "calculate with $(( )), which takes whole numbers";

  /** Ends the reading: nothing that follows is certain. */
  static final class Unsure extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unsure() {
      super(null, null, false, false);
    }
  }

  final String text;
  final List<Placeholder.Found> found;
  final List<Part> parts = new ArrayList<>();
  int at;
  int from; // where the literal part begins that is not yet among the parts
  int next; // the placeholder that comes next
  int cases; // how many of the shell's case are open

  private final ParamText whole;
  private final SortedMap<Integer, Misplaced> refused = new TreeMap<>(); // by placeholder

  ShellReader(ParamText whole) {
    this.whole = whole;
    this.text = whole.text();
    this.found = whole.placeholders();
  }

  /** Returns what is wrong, one for each placeholder that is refused, in order. */
  final Collection<Misplaced> refused() {
    return refused.values();
  }

  final boolean isSlot() {
    return next < found.size() && found.get(next).start() == at;
  }

  final void add(Take take, String open, String close) {
    Placeholder.Found each = found.get(next++);
    parts.add(new Literal(text.substring(from, at)));
    parts.add(slot(each, take, open, close));
    at = each.end();
    from = at;
  }

  private static Slot slot(Placeholder.Found each, Take take, String open, String close) {
    return new Slot(each.text(), each.kind(), each.name(), null, take, open, close);
  }

  final void checkCase() {
    if (cases > 0) {
      refuse("stands between case and esac; " + variable());
    }
  }

  /** Reads arithmetic, from {@code $((} to {@code ))}. */
  final void numbers() {
    int opened = at;
    at += 3;
    int depth = 0;
    int plain = at;
    while (true) {
      char c = at < text.length() ? text.charAt(at) : '\0';
      boolean slot = isSlot();
      if (slot || c == '(' || c == ')' || c == '\0') {
        if (!NUMBERS.matcher(text.substring(plain, at)).matches()) {
          throw unsure("$((", opened, "write only whole numbers, names and signs there");
        }
        if (c == '(') {
          depth++;
        } else if (c == ')' && depth > 0) {
          depth--;
        } else if (c == ')' && text.startsWith("))", at)) {
          at += 2;
          return;
        } else if (!slot) {
          throw unsure(
              "$(( , whose end is not clear",
              opened,
              "close it, or write a blank between $( and (");
        }
      }
      if (slot) {
        Placeholder.Found each = found.get(next);
        String around = text.charAt(at - 1)
            + text.substring(each.end(), Math.min(text.length(), each.end() + 1));
        if (around.matches(".*[\\w$}{].*")) {
          refuse("touches another part of a number; put blanks around it");
        }
        checkCase();
        add(Take.NUMBER, "(", ")");
        plain = at;
      } else {
        at++;
        plain = c == '(' || c == ')' ? at : plain;
      }
    }
  }

  final String name() {
    return name(Math.min(next, found.size() - 1));
  }

  private String name(int placeholder) {
    Placeholder.Found each = found.get(placeholder);
    String last = each.name() == null ? each.kind() : each.name();
    String name = last.substring(last.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    name = name.replaceAll("[^a-z0-9_]", "_");
    return name.matches("[a-z_].*") ? name : "v_" + name;
  }

  final String variable() {
    return variable(Math.min(next, found.size() - 1));
  }

  final String variable(int placeholder) {
    String name = name(placeholder);
    return "write " + name + "=" + found.get(placeholder).text()
        + " as the first line of the command and \"$" + name + "\" here";
  }

  final String place(int where) {
    return whole.place(where);
  }

  /** Refuses the placeholder that comes next, for the first reason that is found; the reading goes on. */
  final void refuse(String why) {
    refuse(Math.min(next, found.size() - 1), why);
  }

  /** Refuses a placeholder by its number. */
  final void refuse(int placeholder, String why) {
    refused.computeIfAbsent(placeholder, each -> whole.wrong(found.get(each), why));
  }

  /** Refuses all placeholders that come before an index, each for a reason that names it. */
  final void refuseBefore(int end, Supplier<String> why) {
    while (next < found.size() && found.get(next).start() < end) {
      refuse(why.get());
      parts.add(slot(found.get(next++), Take.JOINED, "", "")); // so that each has one
    }
  }

  /** Refuses the placeholder that comes next and all after it; the last one if none comes. */
  final Unsure unsure(String what, int where, String advice) {
    Supplier<String> why = () -> "stands in or after " + what + " in " + place(Math.max(0, where))
        + ", which dash and bash do not read alike or whose end is not certain; "
        + (advice.isEmpty() ? variable() : advice);
    if (next == found.size()) {
      refuse(why.get());
    } else {
      refuseBefore(text.length(), why);
    }
    return new Unsure();
  }
}
