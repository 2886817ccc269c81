package dev.muster.internal.yaml;

/**
 * The escapes {@code \L} and {@code \P} of double quotes: the line and the paragraph separator (YAML 1.2.2, rules 57
 * and 58). The parser does not know them, so it reads a mark in place of their backslash, and what it has read is
 * turned back. Places stay the same. Immutable and thread-safe.
 */
final class SeparatorEscapes {
  private static final char FIRST_MARK = '\uE000';
  private static final char LAST_MARK = '\uF8FF';
  private static final char NONE = '\0';

  private final char mark;
  private final String text;

  /** Reads a text, which need not have any. */
  SeparatorEscapes(String source) {
    char free = source.contains("\\L") || source.contains("\\P") ? unused(source) : NONE;
    mark = free;
    text = free == NONE ? source : marked(source, free);
  }

  private static char unused(String source) {
    for (char c = FIRST_MARK; c <= LAST_MARK; c++) {
      if (source.indexOf(c) < 0) {
        return c;
      }
    }
    return NONE; // then the parser says that it does not know them
  }

  private static String marked(String source, char mark) {
    StringBuilder out = new StringBuilder(source);
    for (int i = 0; i + 1 < source.length(); i++) {
      if (source.charAt(i) == '\\') {
        char next = source.charAt(i + 1);
        if (next == 'L' || next == 'P') {
          out.setCharAt(i, mark);
        }
        i++; // what is escaped does not begin an escape
      }
    }
    return out.toString();
  }

  /** Returns the text for the parser. */
  String text() {
    return text;
  }

  /**
   * Returns what the source meant.
   *
   * @param read what the parser has read
   * @param escapes whether it stood in double quotes, where alone a backslash begins an escape
   */
  String restore(String read, boolean escapes) {
    if (mark == NONE || read.indexOf(mark) < 0) {
      return read;
    }
    return escapes
        ? read.replace(mark + "L", "\u2028").replace(mark + "P", "\u2029")
        : read.replace(mark, '\\');
  }
}
