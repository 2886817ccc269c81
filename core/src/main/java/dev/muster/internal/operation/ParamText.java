package dev.muster.internal.operation;

import java.util.List;
import java.util.function.Consumer;

/**
 * A text among a stage's parameters in which placeholders may stand. Immutable and thread-safe.
 *
 * @param parameter where it stands, for example {@code command}, {@code command[1]} or {@code variables.PATH}
 * @param text the text
 */
record ParamText(String parameter, String text) {
  /** Returns the placeholders, in order. */
  List<Placeholder.Found> placeholders() {
    return Placeholder.find(text);
  }

  /**
   * Checks that it can be a part of a command.
   *
   * @param wrong receives what is wrong with it
   */
  void check(Consumer<? super Misplaced> wrong) {
    int nul = text.indexOf('\0');
    if (nul >= 0) {
      wrong.accept(wrong("there is a NUL character in " + whole(nul)
          + ", which ends a text in every process; let such data pass through a file"));
    }
  }

  /** Returns for example {@code line 1, column 5}. */
  String place(int index) {
    int line = 1;
    int begin = 0;
    for (int i = 0; i < index; i++) {
      if (text.charAt(i) == '\n') {
        line++;
        begin = i + 1;
      }
    }
    return "line " + line + ", column " + (text.codePointCount(begin, index) + 1);
  }

  /** Returns for example {@code line 1, column 5 of the command}. */
  String whole(int index) {
    String of = parameter.equals("command") ? "command" : "parameter " + parameter;
    return place(index) + " of the " + of;
  }

  /** Returns what to throw for this text. */
  Misplaced wrong(String message) {
    return new Misplaced(parameter, message);
  }

  /** Returns what to throw for a placeholder: its text, its place, and why it is wrong. */
  Misplaced wrong(Placeholder.Found placeholder, String why) {
    return wrong(
        "the placeholder " + placeholder.text() + " in " + whole(placeholder.start()) + " " + why);
  }
}
