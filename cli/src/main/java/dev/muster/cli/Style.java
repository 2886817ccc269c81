package dev.muster.cli;

/**
 * How text is dressed up: in colour or not, with characters beyond ASCII or not.
 *
 * @param color whether escape sequences for colour are written
 * @param unicode whether the terminal shows more than ASCII
 */
record Style(boolean color, boolean unicode) {
  /** No colour, and only ASCII. */
  static final Style ASCII = new Style(false, false);

  String bold(String text) {
    return sgr("1", text);
  }

  String dim(String text) {
    return sgr("2", text);
  }

  String red(String text) {
    return sgr("31", text);
  }

  String green(String text) {
    return sgr("32", text);
  }

  String yellow(String text) {
    return sgr("33", text);
  }

  String cyan(String text) {
    return sgr("36", text);
  }

  private String sgr(String code, String text) {
    return color && !text.isEmpty() ? "\033[" + code + "m" + text + "\033[0m" : text;
  }

  String ellipsis() {
    return unicode ? "…" : "~";
  }

  String done() {
    return unicode ? "✓" : "+";
  }

  String failed() {
    return unicode ? "✗" : "x";
  }

  String running() {
    return unicode ? "●" : ">";
  }

  String waiting() {
    return unicode ? "·" : ".";
  }

  String skipped() {
    return "-";
  }

  /** Returns the filled part of a bar. */
  String full(int columns) {
    return (unicode ? "━" : "#").repeat(columns);
  }

  /** Returns the part of a bar that is still to come. */
  String empty(int columns) {
    return (unicode ? "─" : "-").repeat(columns);
  }

  String bar() {
    return unicode ? "│" : "|";
  }
}
