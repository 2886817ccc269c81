package dev.muster.internal.operation;

import dev.muster.code.Template;
import dev.muster.code.Template.Literal;
import dev.muster.code.Template.Take;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a command for a POSIX shell into literal parts and slots.
 *
 * <p>This is no grammar of the shell. It knows words, quotes, <code>$( )</code> and the signs between commands, and it
 * reads them as dash and bash both do. A placeholder whose place is not certain is refused, as is one after something
 * whose end is not certain. A command without placeholders is not read at all. Reading ends after the last placeholder,
 * as soon as all that was open before it is closed. Not thread-safe.
 */
final class ShellParser extends ShellReader {
  private static final Pattern FUNCTION = Pattern.compile("\\([ \\t]*\\)(?=\\s)");
  private static final Pattern HERE =
      Pattern.compile("<<(-?)[ \\t]*(?:(['\"])(\\w+)\\2|(\\w+))(?=[\\s;&|)<>]|$)");
  private static final Pattern EXPANSION = Pattern.compile(
      "\\$\\{[#!]?[\\w@*?$!-]+(?:\\[[\\w@*$]*\\])?(?:[^{}'\"\\\\`$\\n]++|\\$\\w+|\\$\\{\\w+\\})*+\\}");
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:[A-Za-z_]\\w*|[0-9#?$!@*-])");
  private static final Pattern RISKY =
      Pattern.compile("`|\\$\\(|\\$\\{(?!\\w+\\})|\\\\$", Pattern.MULTILINE);

  private static final Pattern CALCULATE = Pattern.compile("declare|typeset|-.*");
  private @Nullable Matcher here; // a here-document that begins with the next line

  private ShellParser(ParamText command) {
    super(command);
  }

  /**
   * Compiles a command.
   *
   * @param wrong receives each placeholder whose place is not certain: where it is and what to write
   * @return the command, with a slot for each placeholder; of no use if one was refused
   */
  static Template parse(ParamText command, Consumer<? super Misplaced> wrong) {
    ShellParser parser = new ShellParser(command);
    if (!parser.found.isEmpty()) {
      int own = parser.text.indexOf(ShellScript.VARIABLE);
      if (own >= 0) {
        parser.refuse("cannot be used, because " + parser.place(own) + " has the name "
            + ShellScript.VARIABLE + "..., which is kept for values; choose another name");
      }
      try {
        parser.commands(null);
      } catch (Unsure e) {
        // all placeholders from here on are refused
      }
    }
    parser.refused().forEach(wrong);
    parser.parts.add(new Literal(parser.text.substring(parser.from)));
    return new Template(parser.parts);
  }

  private void commands(@Nullable SimpleCommand outer) {
    SimpleCommand words = new SimpleCommand(outer);
    boolean nested = outer != null;
    int opened = at;
    int depth = 0;
    while (at < text.length() && (nested || next < found.size() || words.inWord())) {
      char c = text.charAt(at);
      switch (c) {
        case ' ', '\t' -> {
          endWord(words);
          at++;
        }
        case '\n' -> {
          endCommand(words);
          at++;
          lineEnds(nested);
        }
        case ';', '|', '&' -> {
          if (text.startsWith("&>", at)) {
            throw unsure("&>", at, "write >FILE 2>&1");
          }
          endCommand(words);
          at++;
        }
        case '(' -> {
          if (!function(words)) {
            open(words);
            depth++;
          }
        }
        case ')' -> {
          endCommand(words);
          if (nested && depth == 0) {
            return;
          }
          depth--;
          at++;
        }
        case '<', '>' -> redirection(words);
        default -> wordPart(words, c);
      }
    }
    endWord(words);
    if (nested) {
      throw unsure("$( , which is not closed", opened - 2, "close it");
    }
  }

  private void wordPart(SimpleCommand words, char c) {
    switch (c) {
      case '\'' -> singleQuoted(words);
      case '"' -> doubleQuoted(words);
      case '\\' -> escape(words, false);
      case '$' -> dollar(words, false);
      case '`' -> backquotes(words);
      case '#' -> {
        if (words.inWord()) {
          words.add(text.charAt(at++), false);
        } else {
          comment(words);
        }
      }
      case '{' -> {
        if (isSlot()) {
          Take take = words.redirected() ? Take.ONE : words.joins() ? Take.JOINED : Take.EACH;
          slot(words, take, "\"", "\"");
        } else {
          words.brace(text.startsWith("{ ", at) || text.startsWith("{\n", at));
          checkBraces(words, next - 1);
          words.add(text.charAt(at++), false);
        }
      }
      default -> words.add(text.charAt(at++), false);
    }
  }

  private void endWord(SimpleCommand words) {
    int begin = at - words.word.length();
    boolean ended = words.inWord();
    String unsure = words.endWord();
    if (!unsure.isEmpty()) {
      throw unsure(
          unsure,
          begin,
          unsure.equals("[[")
              ? "compare with [ ], for example [ "
                  + found.get(Math.min(next, found.size() - 1)).text() + " -gt 1 ]"
              : CALCULATE.matcher(unsure).matches() ? "write it without that" : "");
    }
    String reserved = ended ? words.reserved() : "";
    if (reserved.equals("case")) {
      if (words.outer != null) {
        throw unsure("case in $( )", begin, "");
      }
      cases++;
    } else if (reserved.equals("esac")) {
      cases = Math.max(0, cases - 1);
    }
  }

  private void endCommand(SimpleCommand words) {
    endWord(words);
    words.clear();
  }

  private void lineEnds(boolean nested) {
    Matcher begun = here;
    if (begun != null && next < found.size()) {
      if (nested) {
        throw unsure("a line break in $( ), in the line that begins a here-document,", at - 1, "");
      }
      hereDocument(begun);
    }
  }

  private boolean function(SimpleCommand words) {
    Matcher brackets = FUNCTION.matcher(text).region(at, text.length());
    if (!words.names() || !brackets.lookingAt()) {
      return false;
    }
    endCommand(words);
    at = brackets.end();
    return true;
  }

  private void open(SimpleCommand words) {
    if (text.startsWith("((", at)) {
      throw unsure("((", at, NUMBERS_ONLY);
    }
    if (!words.opens()) {
      throw unsure("(", at, "");
    }
    words.clear();
    at++;
  }

  private void redirection(SimpleCommand words) {
    int begin = at;
    if (text.startsWith("<<", at)) {
      Matcher match = HERE.matcher(text).region(at, text.length());
      String sign = text.startsWith("<<<", at) ? "<<<" : "<<";
      if (words.outer != null || here != null || sign.equals("<<<") || !match.lookingAt()) {
        throw unsure(sign, at, "");
      }
      here = match;
      at = match.end();
      words.redirect("<<"); // takes the end mark as its word
      words.quote();
      endWord(words);
      return;
    }
    at++;
    while (at < text.length() && at < begin + 2 && "<>&|".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    if (text.startsWith("(", at) || text.startsWith("\\\n", at)) {
      throw unsure(text.substring(begin, at + 1), begin, "");
    }
    words.redirect(text.substring(begin, at));
  }

  private void comment(SimpleCommand words) {
    if (words.outer != null) {
      throw unsure("a comment in $( )", at, "");
    }
    int end = text.indexOf('\n', at);
    end = end < 0 ? text.length() : end;
    refuseBefore(
        end, () -> "stands in a comment; take it out of the comment, or leave out its braces");
    at = end;
  }

  // The lines up to the end mark; the line that names it was read.
  private void hereDocument(Matcher match) {
    String mark = match.group(3) == null ? match.group(4) : match.group(3);
    Matcher end = Pattern.compile(
            "^" + (match.group(1).isEmpty() ? "" : "\\t*") + Pattern.quote(mark) + "(?:\\n|\\z)",
            Pattern.MULTILINE)
        .matcher(text);
    boolean ends = end.find(at);
    refuseBefore(
        ends ? end.start() : text.length(),
        () ->
            "stands in a here-document; write " + name() + "=" + found.get(next).text()
                + " in a line before it and $" + name() + " here"
                + (match.group(2) == null ? "" : ", with an end mark that is not in quotes"));
    if (next == found.size()) {
      throw new Unsure(); // nothing is left to be read
    }
    if (match.group(2) == null && RISKY.matcher(text.substring(at, end.start())).find()) {
      throw unsure("the here-document", match.start(), "");
    }
    here = null;
    at = end.end();
  }

  private void singleQuoted(SimpleCommand words) {
    words.quote();
    int opened = at++;
    while (at < text.length() && text.charAt(at) != '\'') {
      if (isSlot()) {
        slot(words, Take.JOINED, "'\"", "\"'");
      } else {
        quotedPart(words);
      }
    }
    close("'", opened);
  }

  private void doubleQuoted(SimpleCommand words) {
    words.quote();
    int opened = at++;
    while (at < text.length() && text.charAt(at) != '"') {
      switch (text.charAt(at)) {
        case '\\' -> escape(words, true);
        case '$' -> dollar(words, true);
        case '`' -> backquotes(words);
        default -> {
          if (isSlot()) {
            slot(words, Take.JOINED, "", "");
          } else {
            quotedPart(words);
          }
        }
      }
    }
    close("\"", opened);
  }

  private void quotedPart(SimpleCommand words) {
    if (here != null && text.charAt(at) == '\n') {
      throw unsure("a line break in quotes, in the line that begins a here-document,", at, "");
    }
    words.add(text.charAt(at++), true);
  }

  private void close(String quote, int opened) {
    if (at >= text.length()) {
      throw unsure("the quote " + quote + ", which is not closed", opened, "close it");
    }
    at++;
  }

  private void escape(SimpleCommand words, boolean quoted) {
    at++;
    if (isSlot()) {
      refuse(
          "comes after a backslash; write \\\\ for a backslash before a value, or change the braces if no value is meant");
      words.slot();
      add(Take.JOINED, "", "");
      return;
    }
    if (at < text.length() && text.charAt(at) == '\n') {
      if (here != null) {
        throw unsure("a line that goes on after one that begins a here-document,", at, "");
      }
      at++;
      return;
    }
    if (quoted) {
      words.add('\\', true);
    }
    words.quote();
    if (at < text.length()) {
      words.add(text.charAt(at++), true);
    }
  }

  private void dollar(SimpleCommand words, boolean quoted) {
    words.quote();
    if (text.startsWith("$((", at)) {
      numbers();
    } else if (text.startsWith("$(", at)) {
      at += 2;
      commands(words);
      at++;
    } else if (text.startsWith("${", at)) {
      Matcher match = EXPANSION.matcher(text).region(at, text.length());
      if (!match.lookingAt() || (next < found.size() && found.get(next).start() < match.end())) {
        throw unsure("${ }", at, "");
      }
      at = match.end();
    } else if (at + 1 < text.length()
        && (quoted ? "\\[" : "\\['\"").indexOf(text.charAt(at + 1)) >= 0) {
      boolean old = text.startsWith("$[", at);
      throw unsure(text.substring(at, at + 2), at, old ? NUMBERS_ONLY : "");
    } else {
      Matcher name = VARIABLE.matcher(text).region(at, text.length());
      at = name.lookingAt() ? name.end() : at + 1;
    }
    words.add('$', true); // what it stands for is not known
  }

  private void backquotes(SimpleCommand words) {
    int end = at + 1;
    while (end < text.length() && text.charAt(end) != '`') {
      end += text.charAt(end) == '\\' ? 2 : 1;
    }
    refuseBefore(end, () -> "stands in backquotes; write $( ) in their place, or " + variable());
    if (here != null && text.substring(at, Math.min(end, text.length())).indexOf('\n') >= 0) {
      throw unsure("backquotes", at, "");
    }
    words.add('$', true);
    at = end + 1;
  }

  private void slot(SimpleCommand words, Take take, String open, String close) {
    checkCase();
    String refusal = words.refusal(found.get(next).text());
    if (refusal != null) {
      refuse(refusal);
    }
    words.slot();
    checkBraces(words, next);
    add(take, open, close);
  }

  private void checkBraces(SimpleCommand words, int placeholder) {
    if (words.mixed()) {
      refuse(
          placeholder,
          "stands in a word with another {, which bash reads in its own way; put that"
              + " brace in quotes, or " + variable(placeholder));
    }
  }
}
