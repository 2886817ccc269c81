package dev.muster.internal.operation;

import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds what looks like a placeholder and is none. Braces of shells, awk and other languages do not. Thread-safe. */
final class Misspelt {
  private static final Pattern NEARLY = Pattern.compile("(?<!\\$)\\{\\s*(?:"
      + "(?:params?|parameters?|inputs?)\\.[^{}]*" // with a name of its own
      + "|(?:outputs?|variables?|env|environment|extra_data)\\.[^{}]*" // other sections
      + "|files?\\.[^{}]*|files\\[\\d+]" // a part of the files
      + "|outputdir|output-dir|output\\.dir|basedir|base-dir|base\\.dir" // another spelling
      + "|(?:dataset|partition|stage|pool|worker)\\.[\\w.-]+" // more than there is
      + ")\\s*}");

  private Misspelt() {}

  /**
   * Checks a text of a stage.
   *
   * @param wrong receives each part of it that looks like a placeholder and is none
   */
  static void check(ParamText text, Consumer<? super Misplaced> wrong) {
    Matcher nearly = NEARLY.matcher(text.text());
    while (nearly.find()) {
      if (!Placeholder.matches(nearly.group())) {
        wrong.accept(text.wrong("'" + nearly.group() + "' in " + text.whole(nearly.start())
            + " is no placeholder that is known; write {params.NAME}, {param.NAME} or {input.NAME} without blanks"
            + " (give an input with blanks in its name another one with 'as'), {files},"
            + " {output_dir}, {base_dir}, {stage}, {partition}, {dataset}, {attempt}, {pool} or"
            + " {worker}; an output is the name of its file, and a variable is $NAME"));
      }
    }
  }
}
