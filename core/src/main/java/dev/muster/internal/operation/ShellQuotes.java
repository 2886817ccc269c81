package dev.muster.internal.operation;

import dev.muster.internal.operation.ShellScript.Quotes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Walks through a shell command and tells what quotes a place is in: quotes, escapes, comments, substitutions and here-documents. Not thread-safe.
 */
final class ShellQuotes {
  private static final Pattern HERE = Pattern.compile("<<(-?)[ \\t]*(['\"\\\\]?)(\\w+)['\"]?");

  private final String command;
  private int at;
  // Innermost last: ' and " for quotes, ( for a substitution or a group.
  private final Deque<Character> open = new ArrayDeque<>();
  private @Nullable Matcher here;
  private int hereStart = -1;
  private int hereEnd = -1;

  ShellQuotes(String command) {
    this.command = command;
  }

  /**
   * Returns the quotes at a place, which must not lie before the one asked for last.
   *
   * @throws IllegalArgumentException if it is a here-document whose text the shell takes as it stands
   */
  Quotes at(int place) {
    while (at < place) {
      step();
    }
    if (here != null && hereStart >= 0 && place >= hereStart && place < hereEnd) {
      if (!here.group(2).isEmpty()) {
        throw new IllegalArgumentException(
            "a placeholder cannot stand in a here-document whose end mark is quoted; write <<"
                + here.group(3) + " without quotes");
      }
      return Quotes.HERE_DOCUMENT;
    }
    char innermost = open.isEmpty() ? '(' : open.peek();
    return innermost == '\'' ? Quotes.SINGLE : innermost == '"' ? Quotes.DOUBLE : Quotes.NONE;
  }

  private void step() {
    char c = command.charAt(at);
    if (hereStart >= 0) {
      at++;
      if (at >= hereEnd) {
        here = null;
        hereStart = -1;
      }
      return;
    }
    char innermost = open.isEmpty() ? '(' : open.peek();
    if (innermost == '\'') {
      if (c == '\'') {
        open.pop();
      }
    } else if (c == '\\') {
      at++;
    } else if (c == '"') {
      if (innermost == '"') {
        open.pop();
      } else {
        open.push(c);
      }
    } else if (c == '$' && at + 1 < command.length() && command.charAt(at + 1) == '(') {
      open.push('(');
      at++;
    } else if (innermost == '(') {
      outside(c);
    }
    at++;
  }

  private void outside(char c) {
    switch (c) {
      case '\'', '(' -> open.push(c);
      case ')' -> open.poll();
      case '#' -> {
        if (at == 0 || " \t\n;&|(".indexOf(command.charAt(at - 1)) >= 0) {
          int end = command.indexOf('\n', at);
          at = (end < 0 ? command.length() : end) - 1;
        }
      }
      case '<' -> {
        Matcher match = HERE.matcher(command).region(at, command.length());
        if (here == null && match.lookingAt()) {
          here = match;
          at = match.end() - 1;
        }
      }
      case '\n' -> newline(at);
      default -> {}
    }
  }

  // A here-document begins on the line after its mark.
  private void newline(int place) {
    if (here == null || hereStart >= 0) {
      return;
    }
    String tabs = here.group(1).isEmpty() ? "" : "\\t*";
    Matcher end = Pattern.compile("(?m)^" + tabs + Pattern.quote(here.group(3)) + "$")
        .matcher(command)
        .region(place + 1, command.length());
    hereStart = place + 1;
    hereEnd = end.find() ? end.start() : command.length();
  }
}
