package dev.muster.error;

import java.util.List;
import java.util.function.IntPredicate;

/**
 * Text of others as it may be shown on a terminal, in a log or on a page: what could move a cursor, turn the reading
 * direction, hide, or begin a line that nobody wrote is replaced by what one sees, for example {@code \u001B}.
 * Everything that Muster shows and did not write itself goes through here. Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class Visible {
  private static final String TAB = "    ";
  private static final int JOINER = 0x200D;

  private Visible() {}

  /**
   * Tells whether a character must not be shown as it is: control characters, line ends and tabs among them; formats,
   * which turn the direction or have no width; line and paragraph separators; letters that nobody sees; halves of
   * pairs; and what is no character.
   */
  public static boolean isHidden(int codePoint) {
    if (codePoint < 0x7F) {
      return codePoint < ' ';
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE -> true;
      default -> isBlankLetter(codePoint) || (codePoint & 0xFFFE) == 0xFFFE;
    };
  }

  private static boolean isBlankLetter(int codePoint) {
    return switch (codePoint) {
      case 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0 -> true;
      default -> codePoint >= 0xFDD0 && codePoint <= 0xFDEF;
    };
  }

  /** Returns a name or a short text on one line: {@code \n}, {@code \t}, and {@code \u001B} for what is hidden. */
  public static String line(String text) {
    return escape(text, point -> false);
  }

  /**
   * Returns the lines of a text, of a log for example, each as {@link #line}, with a tab as four spaces and without
   * colours.
   */
  public static List<String> lines(String text) {
    return plain(text).lines().map(line -> line(line.replace("\t", TAB))).toList();
  }

  /** Returns a text with its line breaks and tabs, and without colours; all else that is hidden as in {@link #line}. */
  public static String text(String text) {
    String plain = plain(text);
    if (plain.indexOf('\r') >= 0) {
      plain = plain.replace("\r\n", "\n").replace('\r', '\n');
    }
    return escape(plain, point -> point == '\n' || point == '\t');
  }

  // Compilers and the like colour what they say.
  private static String plain(String text) {
    return text.indexOf('\033') < 0 ? text : text.replaceAll("\033\\[[0-9;]*m", "");
  }

  /**
   * Returns a text in which all that is hidden is replaced. A joiner stays between two pictures, where it makes one of
   * them.
   *
   * @param kept what stays as it is
   */
  public static String escape(String text, IntPredicate kept) {
    StringBuilder shown = null; // most texts are clean
    int before = 0;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      int next = i + Character.charCount(point);
      if (isHidden(point) && !kept.test(point) && !joins(before, text, point, next)) {
        if (shown == null) {
          shown = new StringBuilder(text.length() + 16).append(text, 0, i);
        }
        escape(point, shown);
      } else if (shown != null) {
        shown.appendCodePoint(point);
      }
      before = point;
      i = next;
    }
    return shown == null ? text : shown.toString();
  }

  private static void escape(int point, StringBuilder shown) {
    if (point == '\n') {
      shown.append("\\n");
    } else if (point == '\t') {
      shown.append("\\t");
    } else {
      for (char half : Character.toChars(point)) { // as JSON has it
        shown.append(String.format("\\u%04X", (int) half));
      }
    }
  }

  private static boolean joins(int before, String text, int point, int next) {
    return point == JOINER
        && isPicture(before)
        && next < text.length()
        && isPicture(text.codePointAt(next));
  }

  private static boolean isPicture(int point) {
    return (point >= 0x1F000 && point <= 0x1FAFF)
        || (point >= 0x2190 && point <= 0x2BFF && point != 0x2800)
        || point == 0xFE0F;
  }
}
