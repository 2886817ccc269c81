package dev.muster.internal.yaml;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pattern of file names: {@code *} and {@code ?} stand for letters within a name, {@code [a-z]} and {@code [!a-z]}
 * for one letter, and {@code **} for folders at any depth. Names that begin with a dot match only where the pattern has
 * that dot. A letter in brackets stands for itself, so {@code a[*]} is the name {@code a*}. Immutable and thread-safe.
 */
final class FilePattern {
  private static final Pattern SPECIAL = Pattern.compile("[*?\\[]");
  private static final Pattern ITSELF = Pattern.compile("\\[([^\\]!^])\\]");

  private final boolean absolute;
  private final List<String> parts;
  private final @Nullable String literal;

  FilePattern(String text) {
    String bare = ITSELF.matcher(text).replaceAll("");
    literal = SPECIAL.matcher(bare).find() ? null : ITSELF.matcher(text).replaceAll("$1");
    absolute = text.startsWith("/");
    parts = Stream.of(text.split("/", -1)).filter(part -> !part.isEmpty()).toList();
  }

  /** Returns the name that this is, if it is no pattern. */
  @Nullable
  String literal() {
    return literal;
  }

  /** Returns a name as a pattern that stands for it alone. */
  static String quoted(String name) {
    String quoted = SPECIAL.matcher(name).replaceAll("[$0]");
    return quoted.startsWith("~") ? "[~]" + quoted.substring(1) : quoted;
  }

  /** Returns the names that match, sorted; relative ones begin where the pattern begins, in {@code folder}. */
  List<String> in(Path folder) throws IOException {
    Set<String> found = new TreeSet<>();
    walk(absolute ? Path.of("/") : folder, absolute ? "/" : "", 0, found);
    return List.copyOf(found);
  }

  private void walk(Path at, String name, int next, Set<String> found) throws IOException {
    if (next == parts.size()) {
      found.add(name);
      return;
    }
    String part = parts.get(next);
    boolean last = next == parts.size() - 1;
    if (part.equals("**")) {
      if (!last) {
        walk(at, name, next + 1, found);
      }
      for (Path child : children(at)) {
        String childName = child.getFileName().toString();
        boolean inside = Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS);
        if (childName.startsWith(".")) {
          continue;
        }
        if (inside) {
          walk(child, join(name, childName), next, found);
        } else if (last) {
          found.add(join(name, childName));
        }
      }
      return;
    }
    if (!SPECIAL.matcher(part).find()) {
      Path child = at.resolve(part);
      if (last ? Files.exists(child) : Files.isDirectory(child)) {
        walk(child, join(name, part), next + 1, found);
      }
      return;
    }
    Pattern names = regex(part);
    for (Path child : children(at)) {
      String childName = child.getFileName().toString();
      boolean hidden = childName.startsWith(".") && !part.startsWith(".");
      if (!hidden && names.matcher(childName).matches() && (last || Files.isDirectory(child))) {
        walk(child, join(name, childName), next + 1, found);
      }
    }
  }

  private static String join(String folder, String name) {
    return folder.isEmpty() || folder.endsWith("/") ? folder + name : folder + "/" + name;
  }

  private static List<Path> children(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return new ArrayList<>(children.toList());
    }
  }

  private static Pattern regex(String part) throws IOException {
    StringBuilder regex = new StringBuilder("(?s)");
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      int end = c == '[' ? part.indexOf(']', Math.min(part.length(), i + 2)) : -1;
      if (c == '*') {
        regex.append(".*");
      } else if (c == '?') {
        regex.append('.');
      } else if (end > 0) {
        String set = part.substring(i + 1, end);
        boolean not = set.startsWith("!") || set.startsWith("^");
        regex.append(not ? "[^" : "[");
        regex
            .append((not ? set.substring(1) : set).replaceAll("[\\\\\\[\\]&^]", "\\\\$0"))
            .append(']');
        i = end;
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    try {
      return Pattern.compile(regex.toString());
    } catch (PatternSyntaxException e) {
      throw new IOException(
          "the pattern " + part + " cannot be understood: " + e.getDescription(), e);
    }
  }
}
