package dev.muster.internal.yaml;

import dev.muster.error.Visible;

/** Text of a file as a message shows it: on one line, not too long, in quotes. */
final class Quoted {
  private static final int LONGEST = 60;

  private Quoted() {}

  /** The text in single quotes. */
  static String of(String text) {
    return "'" + plain(text) + "'";
  }

  /** The text without quotes. */
  static String plain(String text) {
    StringBuilder shown = new StringBuilder();
    int index = 0;
    while (index < text.length()) {
      int code = text.codePointAt(index);
      index += Character.charCount(code);
      if (shown.length() >= LONGEST) {
        return shown.append("...").toString();
      }
      shown.append(Visible.line(Character.toString(code)));
    }
    return shown.toString();
  }
}
