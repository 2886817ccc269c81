package dev.muster.internal.operation;

import dev.muster.code.Template.Literal;
import dev.muster.code.Template.Part;
import dev.muster.code.Template.Slot;
import dev.muster.code.Template.Take;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** A command as far as it was read: its parts, the placeholders in it, and how a place is refused. Not thread-safe. */
abstract class ShellReader {
  private static final Pattern NUMBERS =
      Pattern.compile("(?:[\\w\\s+*/%<>=!&|^~?:,-]++|\\$\\w+|\\$\\{\\w+\\})*+");
  static final String NUMBERS_ONLY = "calculate with $(( )), which takes whole numbers";

  /** Says that a placeholder of a command cannot stand where it does. */
  static final class Misplaced extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    Misplaced(String message) {
      super(message);
    }
  }

  final String text;
  final List<Placeholder.Found> found;
  final List<Part> parts = new ArrayList<>();
  int at;
  int from; // where the literal part begins that is not yet among the parts
  int next; // the placeholder that comes next
  int cases; // how many of the shell's case are open

  ShellReader(String text) {
    this.text = text;
    this.found = Placeholder.find(text);
  }

  final boolean isSlot() {
    return next < found.size() && found.get(next).start() == at;
  }

  final void add(Take take, String open, String close) {
    Placeholder.Found each = found.get(next++);
    parts.add(new Literal(text.substring(from, at)));
    parts.add(new Slot(each.text(), each.kind(), each.name(), null, take, open, close));
    at = each.end();
    from = at;
  }

  final void checkCase() {
    if (cases > 0) {
      throw refused("stands between case and esac; " + variable());
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
          throw refused("touches another part of a number; put blanks around it");
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
    Placeholder.Found each = found.get(Math.min(next, found.size() - 1));
    String last = each.name() == null ? each.kind() : each.name();
    String name = last.substring(last.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    name = name.replaceAll("[^a-z0-9_]", "_");
    return name.matches("[a-z_].*") ? name : "v_" + name;
  }

  final String variable() {
    return "write " + name() + "=" + found.get(Math.min(next, found.size() - 1)).text()
        + " as the first line of the command and \"$" + name() + "\" here";
  }

  final String place(int where) {
    int line = 1;
    int begin = 0;
    for (int i = 0; i < where; i++) {
      if (text.charAt(i) == '\n') {
        line++;
        begin = i + 1;
      }
    }
    return "line " + line + ", column " + (where - begin + 1);
  }

  final IllegalArgumentException refused(String why) {
    Placeholder.Found each = found.get(Math.min(next, found.size() - 1));
    return new Misplaced(
        "the placeholder " + each.text() + " in " + place(each.start()) + " of the command " + why);
  }

  final IllegalArgumentException unsure(String what, int where, String advice) {
    return refused("stands in or after " + what + " in " + place(Math.max(0, where))
        + ", which dash and bash do not read alike or whose end is not certain; "
        + (advice.isEmpty() ? variable() : advice));
  }
}
