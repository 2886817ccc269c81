package dev.muster.resource;

import dev.muster.error.Visible;

/** Text of others as messages show it. */
final class Shown {
  private static final int MOST = 60;

  private Shown() {}

  /** Returns the text in quotes, cut where it is very long. */
  static String quoted(String text) {
    return "'" + Visible.line(text.length() <= MOST ? text : text.substring(0, MOST) + "...") + "'";
  }
}
