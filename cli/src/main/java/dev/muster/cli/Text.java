package dev.muster.cli;

import dev.muster.error.Visible;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text as a terminal shows it: its width in columns, cut and padded to one; and times for people. Pure. */
final class Text {
  /** What {@link Style} writes. */
  private static final Pattern COLOUR = Pattern.compile("\033\\[(?:[012]|3[1236])m");

  private static final String UNITS = "KMGTP";

  private Text() {}

  /** Returns how many columns the text takes. */
  static int width(String text) {
    int width = 0;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      width += width(point);
      i += Character.charCount(point);
    }
    return width;
  }

  /**
   * Returns how many columns a character takes: none if it combines with the one before, two if it is wide, else one.
   */
  static int width(int point) {
    if (point < 0x300) {
      return 1;
    }
    int type = Character.getType(point);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT) {
      return 0;
    }
    return isWide(point) ? 2 : 1;
  }

  private static boolean isWide(int point) {
    return (point >= 0x1100 && point <= 0x115F) // Hangul
        || (point >= 0x2E80 && point <= 0xA4CF && point != 0x303F) // CJK, Kana, Yi
        || (point >= 0xAC00 && point <= 0xD7A3) // Hangul syllables
        || (point >= 0xF900 && point <= 0xFAFF) // CJK compatibility
        || (point >= 0xFE30 && point <= 0xFE6F) // CJK forms
        || (point >= 0xFF00 && point <= 0xFF60) // full-width forms
        || (point >= 0xFFE0 && point <= 0xFFE6)
        || (point >= 0x1F300 && point <= 0x1F64F) // pictographs
        || (point >= 0x1F680 && point <= 0x1F6FF)
        || (point >= 0x1F900 && point <= 0x1F9FF)
        || (point >= 0x20000 && point <= 0x3FFFD);
  }

  /** Returns the text, cut to at most {@code columns}, the last of which is then an ellipsis. */
  static String clip(String text, int columns, Style style) {
    if (width(text) <= columns) {
      return text;
    }
    if (columns <= 0) {
      return "";
    }
    int end = 0;
    int width = 0;
    while (end < text.length()) {
      int point = text.codePointAt(end);
      if (width + width(point) > columns - 1) {
        break;
      }
      width += width(point);
      end += Character.charCount(point);
    }
    return text.substring(0, end) + style.ellipsis();
  }

  /** Returns the text with spaces behind it, {@code columns} wide; a longer one as it is. */
  static String left(String text, int columns) {
    return text + " ".repeat(Math.max(0, columns - width(text)));
  }

  /** Returns the text with spaces before it, {@code columns} wide; a longer one as it is. */
  static String right(String text, int columns) {
    return " ".repeat(Math.max(0, columns - width(text))) + text;
  }

  /** Returns the lines of a text that came from elsewhere, as {@link #harmless}. */
  static List<String> lines(String text) {
    return Visible.lines(text.strip());
  }

  /** Returns the first line of a text that came from elsewhere. */
  static String firstLine(String text) {
    List<String> lines = lines(text);
    return lines.isEmpty() ? "" : lines.get(0);
  }

  /**
   * Returns a name or another text that came from elsewhere on one line, without what could move a terminal's cursor or
   * deceive who reads it.
   */
  static String harmless(String text) {
    return Visible.line(text.replace("\t", "    "));
  }

  /**
   * Returns a text with line breaks, tabs and Muster's own colours, and nothing else that is hidden: the last net
   * before a terminal.
   */
  static String shown(String text) {
    if (text.indexOf('\033') < 0) {
      return Visible.escape(text, Text::isLayout);
    }
    StringBuilder shown = new StringBuilder(text.length());
    Matcher colour = COLOUR.matcher(text);
    int from = 0;
    while (colour.find()) {
      shown.append(Visible.escape(text.substring(from, colour.start()), Text::isLayout));
      shown.append(colour.group());
      from = colour.end();
    }
    return shown.append(Visible.escape(text.substring(from), Text::isLayout)).toString();
  }

  private static boolean isLayout(int point) {
    return point == '\n' || point == '\t';
  }

  /** Returns {@code 1 task}, {@code 2 tasks}. */
  static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  /** Returns a time as a clock shows it, {@code 0:07}, {@code 12:34} or {@code 3:12:34}. */
  static String clock(Duration time) {
    long seconds = Math.max(0, time.toSeconds());
    long hours = seconds / 3600;
    String rest =
        hours == 0 ? Long.toString(seconds / 60) : hours + ":" + twoDigits(seconds / 60 % 60);
    return rest + ":" + twoDigits(seconds % 60);
  }

  private static String twoDigits(long number) {
    return number < 10 ? "0" + number : Long.toString(number);
  }

  /** Returns a time as people say it: {@code 340 ms}, {@code 7.2 s}, {@code 12 min 34 s}, {@code 3 h 12 min}. */
  static String time(Duration time) {
    long millis = Math.max(0, time.toMillis());
    if (millis < 1000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      return millis / 1000 + "." + millis / 100 % 10 + " s";
    }
    long seconds = millis / 1000;
    return seconds < 3600
        ? seconds / 60 + " min " + seconds % 60 + " s"
        : seconds / 3600 + " h " + seconds / 60 % 60 + " min";
  }

  /** Returns a span that may be long: as {@link #time} below two days, then in days. */
  static String age(Duration time) {
    return time.toDays() < 2 ? time(time) : time.toDays() + " days";
  }

  /** Returns a number of bytes: {@code 512 B}, {@code 3.4 KiB}, {@code 1.2 MiB}, {@code 5.0 GiB}. */
  static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double size = bytes / 1024.0;
    int unit = 0;
    while (size >= 1024 && unit < UNITS.length() - 1) {
      size /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %ciB", size, UNITS.charAt(unit));
  }
}
