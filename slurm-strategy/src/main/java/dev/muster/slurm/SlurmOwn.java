package dev.muster.slurm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds options of sbatch that would break what is known of the jobs: their ids, their logs, their ends, and that the
 * command returns at once. Reads a line as sbatch does: several options on a line, long ones abbreviated, short ones
 * bundled.
 */
final class SlurmOwn {
  private static final List<String> LONG = List.of(
      "array",
      "job-name",
      "output",
      "error",
      "chdir",
      "wait",
      "wrap",
      "clusters",
      "test-only",
      "dependency",
      "help",
      "usage",
      "version");

  private static final Map<Character, String> SHORT = Map.of(
      'a', "array",
      'J', "job-name",
      'o', "output",
      'e', "error",
      'D', "chdir",
      'W', "wait",
      'M', "clusters",
      'd', "dependency",
      'h', "help",
      'V', "version");

  /** Short options without a value; behind any other stands its value. */
  private static final String FLAGS = "HIkOQsuv";

  private SlurmOwn() {}

  /** Returns the first of these options in a line, by its long name, or null if there is none. */
  static @Nullable String find(String line) {
    for (String word : words(line)) {
      String found = word.startsWith("--") ? inLong(word.substring(2)) : inShort(word);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable String inLong(String word) {
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    if (name.isEmpty()) {
      return null;
    }
    return LONG.stream().filter(own -> own.startsWith(name)).findFirst().orElse(null);
  }

  private static @Nullable String inShort(String word) {
    if (!word.startsWith("-")) {
      return null; // the value of the option before it
    }
    for (int i = 1; i < word.length(); i++) {
      String own = SHORT.get(word.charAt(i));
      if (own != null) {
        return own;
      }
      if (FLAGS.indexOf(word.charAt(i)) < 0) {
        return null;
      }
    }
    return null;
  }

  /** Splits a line at blanks; quotes and backslashes are taken off. */
  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = null;
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote == 0 && Character.isWhitespace(c)) {
        if (word != null) {
          words.add(word.toString());
          word = null;
        }
        continue;
      }
      word = word == null ? new StringBuilder() : word;
      if (c == '\\' && quote != '\'' && i + 1 < line.length()) {
        word.append(line.charAt(++i));
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      } else {
        word.append(c);
      }
    }
    if (word != null) {
      words.add(word.toString());
    }
    return words;
  }
}
