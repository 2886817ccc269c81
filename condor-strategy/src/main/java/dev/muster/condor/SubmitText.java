package dev.muster.condor;

import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;

/**
 * Writes values so that a submit description reads them back as they were, whatever is in them. What HTCondor has no
 * way to write is an error.
 *
 * <p>Tried on 23.9.6: {@code $(DOLLAR)} is the only way to write {@code $}, and does not work twice in a row; a macro
 * without a value keeps what is next to it from being trimmed, or read as a continued line; in a string of an attribute
 * a backslash is data, but for the one that is written before a quote.
 */
final class SubmitText {
  /** Becomes nothing. */
  private static final String NOTHING = "$(MUSTER_NOTHING:)";

  private SubmitText() {}

  /**
   * Returns a value of a command such as {@code log} or {@code accounting_group}.
   *
   * @param what what the value is, for the message
   * @throws MusterException if it has a line break or another control character, or {@code $$}
   */
  static String plain(String what, String value) {
    check(what, value);
    String text = value.replace("$", "$(DOLLAR)");
    if (text.isEmpty()) {
      return NOTHING;
    }
    String before = Character.isWhitespace(text.charAt(0)) ? NOTHING : "";
    char last = text.charAt(text.length() - 1);
    return before + text + (last == '\\' || Character.isWhitespace(last) ? NOTHING : "");
  }

  /**
   * Returns a string of a job's attribute, for example {@code +JobFlavour}, with its quotes.
   *
   * @param what what the value is, for the message
   * @throws MusterException if it has a line break or another control character, or {@code $$}
   */
  static String string(String what, String value) {
    check(what, value);
    return '"' + value.replace("\"", "\\\"").replace("$", "$(DOLLAR)") + '"';
  }

  /**
   * Returns a line, or a part of one, as it is.
   *
   * @param what what it is, for the message
   * @throws MusterException if it would not stay on its line
   */
  static String verbatim(String what, String line) {
    if (line.chars().anyMatch(SubmitText::breaks) || line.stripTrailing().endsWith("\\")) {
      throw new WorkflowException(
          what, name(what) + " must be one line without a backslash at its end, got " + line, null);
    }
    return line;
  }

  private static void check(String what, String value) {
    if (value.chars().anyMatch(SubmitText::breaks)) {
      throw cannot(what, value, "line breaks or control characters");
    }
    if (value.contains("$$")) {
      throw cannot(what, value, "$$, which it would replace");
    }
  }

  private static boolean breaks(int character) {
    return character != '\t' && Character.isISOControl(character);
  }

  private static MusterException cannot(String what, String value, String bad) {
    return new WorkflowException(
        what,
        name(what) + " cannot be told to HTCondor, because it has " + bad + ": " + value,
        null);
  }

  /** Returns the last part of an option's path. */
  private static String name(String what) {
    return what.substring(what.lastIndexOf('.') + 1);
  }
}
