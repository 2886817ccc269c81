package dev.muster.internal.operation;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds what looks like a placeholder and is none. Braces of shells, awk and other languages do not. Thread-safe. */
final class Misspelt {
  private static final Pattern NEARLY = Pattern.compile("(?<!\\$)\\{\\s*(?:"
      + "(?:params?|parameters?|inputs?)\\.[^{}]*" // with a name of its own
      + "|(?:outputs?|variables?|env|environment|extra_data)\\.[^{}]*" // sections of a stage that
      // are none
      + "|files?\\.[^{}]*|files\\[\\d+]" // a part of the files
      + "|outputdir|output-dir|output\\.dir|basedir|base-dir|base\\.dir" // another spelling
      + "|(?:dataset|partition|stage|pool|worker)\\.[\\w.-]+" // more than there is
      + ")\\s*}");

  private Misspelt() {}

  /**
   * Checks a text of a stage.
   *
   * @throws IllegalArgumentException if a part of it looks like a placeholder and is none
   */
  static void check(String text) {
    Matcher nearly = NEARLY.matcher(text);
    while (nearly.find()) {
      if (!Placeholder.matches(nearly.group())) {
        long line =
            1 + text.substring(0, nearly.start()).chars().filter(c -> c == '\n').count();
        throw new IllegalArgumentException(
            "'" + nearly.group() + "' in line " + line
                + " of its text is no placeholder that is known; write {params.NAME} or {input.NAME} without blanks (give an input with blanks in its name"
                + " another one with 'as'), {files}, {output_dir}, {base_dir}, {stage}, {partition}, {dataset},"
                + " {attempt}, {pool} or {worker}; an output is the name of its file, and a variable is $NAME");
      }
    }
  }
}
