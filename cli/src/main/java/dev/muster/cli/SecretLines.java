package dev.muster.cli;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Leaves out of a file's lines those that may hold the value of an environment variable, which may be a secret: all
 * that stand in or beside {@code variables}, and in what is repeated there with an alias. The file may be broken, so
 * this goes by indentation and brackets, and leaves out too much rather than too little. Pure.
 */
final class SecretLines {
  private static final Pattern KEY = Pattern.compile("variables[\"']?\\s*(?::|$|\\})");
  private static final Pattern ALIAS = Pattern.compile("\\*([^\\s,\\[\\]{}]+)");

  private final List<String> lines;
  private final BitSet secret = new BitSet();
  private final Set<String> aliases = new HashSet<>();

  private SecretLines(List<String> lines) {
    this.lines = lines;
  }

  /**
   * Returns the lines, empty ones in place of those that may hold a secret.
   *
   * @param file its name; only YAML has other lines
   */
  static List<String> leftOut(String file, List<String> lines) {
    if (!file.endsWith(".yaml") && !file.endsWith(".yml")) {
      return List.of();
    }
    SecretLines search = new SecretLines(lines);
    search.mark(KEY);
    Set<String> done = new HashSet<>();
    while (done.size() < search.aliases.size()) { // an anchor may have aliases in it
      for (String alias : Set.copyOf(search.aliases)) {
        if (done.add(alias)) {
          search.mark(Pattern.compile("&" + Pattern.quote(alias) + "(?![^\\s,\\[\\]{}])"));
        }
      }
    }
    List<String> left = new ArrayList<>(lines.size());
    for (int i = 0; i < lines.size(); i++) {
      left.add(search.secret.get(i) ? "" : lines.get(i));
    }
    return left;
  }

  private void mark(Pattern start) {
    for (int i = 0; i < lines.size(); i++) {
      Matcher found = start.matcher(lines.get(i));
      if (found.find()) {
        block(i, found.start());
      }
    }
  }

  /** Marks a line, and those after it that are further in or in the same brackets. */
  private void block(int first, int from) {
    int indent = indent(lines.get(first));
    int open = 0;
    for (int i = first; i < lines.size(); i++) {
      String line = lines.get(i);
      boolean further =
          line.isBlank() || indent(line) > indent || line.stripLeading().startsWith("#");
      boolean item = indent(line) == indent
          && line.stripLeading().startsWith("- ")
          && !lines.get(first).stripLeading().startsWith("-");
      if (i > first && open <= 0 && !further && !item) {
        return;
      }
      secret.set(i);
      Matcher alias = ALIAS.matcher(line);
      while (alias.find()) {
        aliases.add(alias.group(1));
      }
      open += brackets(i == first ? line.substring(from) : line);
    }
  }

  private static int indent(String line) {
    int indent = 0;
    while (indent < line.length() && line.charAt(indent) == ' ') {
      indent++;
    }
    return indent;
  }

  private static int brackets(String line) {
    int open = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      open += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    }
    return open;
  }
}
