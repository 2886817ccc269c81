package dev.muster.internal.operation;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What runs the text of a {@code shell} command. Placeholders stand only in commands for sh, dash and bash, whose
 * quotes are known here. Immutable and thread-safe.
 *
 * @param name the program, as the stage names it
 * @param option what comes before the text
 */
record Interpreter(String name, String option) {
  static final Interpreter SH = new Interpreter("/bin/sh", "-c");

  private static final Map<String, String> OPTIONS = Map.ofEntries(
      Map.entry("sh", "-c"),
      Map.entry("dash", "-c"),
      Map.entry("bash", "-c"),
      Map.entry("ksh", "-c"),
      Map.entry("zsh", "-c"),
      Map.entry("fish", "-c"),
      Map.entry("python", "-c"),
      Map.entry("perl", "-e"),
      Map.entry("ruby", "-e"),
      Map.entry("node", "-e"),
      Map.entry("Rscript", "-e"));

  /**
   * Returns the interpreter of a name or path, {@code sh} for none.
   *
   * @throws IllegalArgumentException if it is not known how that one takes a text
   */
  static Interpreter of(@Nullable String name) {
    if (name == null || name.equals("sh")) {
      return SH;
    }
    String option = OPTIONS.get(family(name));
    if (option == null) {
      throw new IllegalArgumentException("the parameter 'shell' is '" + name
          + "', and it is not known how that takes a text; known: "
          + String.join(", ", OPTIONS.keySet().stream().sorted().toList())
          + "; write any other program as a list, for example command: [" + name + ", SCRIPT]");
    }
    return new Interpreter(name, option);
  }

  private static String family(String name) {
    return name.substring(name.lastIndexOf('/') + 1).replaceFirst("^python[0-9.]*$", "python");
  }

  /** Tells whether it reads texts as a POSIX shell, so that placeholders may stand in them. */
  boolean posix() {
    return List.of("sh", "dash", "bash").contains(family(name));
  }

  /**
   * Checks that a text for what is no POSIX shell has no placeholder.
   *
   * @param wrong receives each one that it has
   */
  void check(ParamText text, Consumer<? super Misplaced> wrong) {
    for (Placeholder.Found each : text.placeholders()) {
      wrong.accept(text.wrong(
          each,
          "cannot stand in a command for " + name + ", only in one for sh, dash or bash; read a"
              + " variable such as MUSTER_FILES_LIST or MUSTER_INPUT_x there, or one of the"
              + " parameter 'variables', which takes placeholders"));
    }
  }

  /** Returns the words that come before a text. */
  List<String> words() {
    return List.of(name, option);
  }
}
