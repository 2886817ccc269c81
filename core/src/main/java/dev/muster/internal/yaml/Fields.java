package dev.muster.internal.yaml;

import dev.muster.error.Suggestions;
import dev.muster.internal.yaml.ScalarNode.Kind;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Walltime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys of one mapping as what they should be. What is not becomes a problem, and reads as if it were not
 * there. Not thread-safe.
 */
final class Fields {
  private static final Pattern QUOTED = Pattern.compile("'([a-z_]+)'");

  private final Problems problems;
  private final Where where;
  private final MapNode map;
  private List<String> misspelt = List.of();

  private Fields(Problems problems, Where where, MapNode map) {
    this.problems = problems;
    this.where = where;
    this.map = map;
  }

  /** Reads {@code node} as a mapping; nothing at all is an empty one; null, with a problem, if it is something else. */
  static @Nullable Fields of(Problems problems, Where where, Node node, String hint) {
    if (node instanceof MapNode map) {
      return new Fields(problems, where, map);
    }
    if (node.isNull()) {
      return new Fields(problems, where, new MapNode(node.line(), node.column(), List.of()));
    }
    problems.add(node, where, "expected a mapping, got " + node.describe(), hint);
    return null;
  }

  Problems problems() {
    return problems;
  }

  Where where() {
    return where;
  }

  MapNode map() {
    return map;
  }

  boolean has(String key) {
    return map.find(key) != null;
  }

  @Nullable
  Node node(String key) {
    MapNode.Entry entry = map.find(key);
    return entry == null ? null : entry.value();
  }

  /** Notes a problem at a key. */
  void problemAt(String key, String message, @Nullable String suggestion) {
    MapNode.Entry entry = map.find(key);
    problems.add(
        entry == null ? map.line() : entry.line(),
        entry == null ? map.column() : entry.column(),
        (entry == null ? where : where.key(key)).toString(),
        message,
        suggestion);
  }

  /** Notes a problem at this mapping as a whole. */
  void problem(String message, @Nullable String suggestion) {
    problems.add(map, where, message, suggestion);
  }

  /** Tells whether a key is neither there nor misspelt, which {@link #only(List)} has told. */
  boolean lacks(String key) {
    return !has(key) && !misspelt.contains(key);
  }

  /** Notes a key that must be there if it is not, unless it is only misspelt, which is told already. */
  void missing(String key, String message, @Nullable String suggestion) {
    if (!lacks(key)) {
      return;
    }
    problems.add(
        map.line(),
        map.column(),
        where.toString(),
        message,
        suggestion,
        where.key(key).toString());
  }

  /** Notes every key that is not among {@code known}. */
  void only(List<String> known) {
    only(known, Map.of());
  }

  /** Notes every key that is not among {@code known}; {@code hints} say what to do about some of them. */
  void only(List<String> known, Map<String, String> hints) {
    for (int i = 0; i < map.size(); i++) {
      MapNode.Entry entry = map.entry(i);
      if (!known.contains(entry.key())) {
        String hint = hints.get(entry.key());
        String at = where.key(entry.key()).toString();
        String meant = problems.isFull() ? null : meant(entry.key(), hint, known);
        if (meant != null) {
          misspelt = new ArrayList<>(misspelt);
          misspelt.add(meant);
        }
        problems.add(
            entry.line(),
            entry.column(),
            at,
            "unknown key " + Quoted.of(entry.key()),
            hint != null ? hint : problems.didYouMean(entry.key(), known),
            meant == null ? at : where.key(meant).toString());
      }
    }
  }

  /** Returns the key in whose place an unknown one probably stands. */
  private static @Nullable String meant(String key, @Nullable String hint, List<String> known) {
    if (hint == null) {
      return Suggestions.nearest(key, known);
    }
    Matcher matcher = QUOTED.matcher(hint);
    return matcher.find() && known.contains(matcher.group(1)) ? matcher.group(1) : null;
  }

  /** A mapping under {@code key}; null if it is absent. */
  @Nullable
  Fields map(String key, String hint) {
    Node node = node(key);
    return node == null ? null : of(problems, where.key(key), node, hint);
  }

  /** Text that is not blank; numbers count as the text that stands there. */
  @Nullable
  String text(String key) {
    Node node = node(key);
    return node == null ? null : text(node, where.key(key));
  }

  private @Nullable String text(Node node, Where at) {
    return text(problems, node, at);
  }

  static @Nullable String text(Problems problems, Node node, Where at) {
    String text = rawText(problems, node, at);
    if (text != null && text.isBlank()) {
      problems.add(node, at, "expected text, got " + node.describe(), null);
      return null;
    }
    if (text != null && text.indexOf('\0') >= 0) {
      problems.add(node, at, "there is a NUL character, which ends a text in every process", null);
      return null;
    }
    return text;
  }

  /** Text that may be empty; numbers count as the text that stands there. */
  static @Nullable String rawText(Problems problems, Node node, Where at) {
    if (node instanceof ScalarNode scalar) {
      if (scalar.kind() != Kind.BOOLEAN && scalar.kind() != Kind.NULL) {
        return scalar.text();
      }
      problems.add(
          node,
          at,
          "expected text, got " + node.describe(),
          scalar.kind() == Kind.NULL
              ? "write a value, or remove the key"
              : "quote it if it is text: \"" + scalar.text() + "\"");
      return null;
    }
    problems.add(node, at, "expected text, got " + node.describe(), null);
    return null;
  }

  /** {@code true} or {@code false}. */
  @Nullable
  Boolean flag(String key) {
    Node node = node(key);
    if (node == null) {
      return null;
    }
    if (node.toJava() instanceof Boolean flag) {
      return flag;
    }
    problems.add(node, where.key(key), "expected true or false, got " + node.describe(), null);
    return null;
  }

  /** A whole number from {@code least} to {@code most}. */
  @Nullable
  Integer integer(String key, int least, int most) {
    Node node = node(key);
    return node == null ? null : integer(problems, node, where.key(key), least, most);
  }

  static @Nullable Integer integer(Problems problems, Node node, Where at, int least, int most) {
    Long value = wholeNumber(problems, node, at, least, most);
    return value == null ? null : value.intValue();
  }

  /** A whole number from {@code least} to {@code most}. */
  static @Nullable Long wholeNumber(Problems problems, Node node, Where at, long least, long most) {
    if (node instanceof ScalarNode scalar && scalar.kind() == Kind.INTEGER) {
      Number number = Scalars.integer(scalar.text());
      if ((number instanceof Integer || number instanceof Long)
          && number.longValue() >= least
          && number.longValue() <= most) {
        return number.longValue();
      }
      problems.add(
          node,
          at,
          "expected a whole number from " + least + (most >= Integer.MAX_VALUE ? "" : " to " + most)
              + ", got " + Quoted.plain(scalar.text()),
          null);
      return null;
    }
    problems.add(node, at, "expected a whole number, got " + node.describe(), numberHint(node));
    return null;
  }

  private static @Nullable String numberHint(Node node) {
    if (!(node instanceof ScalarNode scalar) || scalar.kind() != Kind.TEXT) {
      return null;
    }
    if (Scalars.resolve(scalar.text()) == Kind.INTEGER) {
      return "remove the quotes";
    }
    return scalar.text().matches("0[0-9]{1,20}")
        ? "write it without leading zeros; 0o" + scalar.text().substring(1) + " if it is octal"
        : null;
  }

  /** A memory size such as {@code 4GB}. */
  @Nullable
  MemorySize size(String key) {
    Node node = node(key);
    if (node == null) {
      return null;
    }
    Where at = where.key(key);
    String text = text(node, at);
    MemorySize size =
        text == null ? null : problems.checked(node, at, () -> MemorySize.parse(text));
    String meant = text == null || size == null ? null : MemorySize.probablyMeant(text);
    if (meant != null && size != null) {
      problems.warn(
          node.line(),
          node.column(),
          at.toString(),
          key + " is " + size.bytes() + " bytes",
          "did you mean " + meant + "?");
    }
    return size;
  }

  /** A span of time such as {@code 2h} or {@code 00:30:00}. */
  @Nullable
  Duration span(String key) {
    Node node = node(key);
    if (node == null) {
      return null;
    }
    Where at = where.key(key);
    String text = text(node, at);
    return text == null ? null : problems.checked(node, at, () -> Walltime.parse(text));
  }

  /** One of the constants of an enum, in lower case. */
  <E extends Enum<E>> @Nullable E constant(String key, Class<E> type) {
    Node node = node(key);
    if (node == null) {
      return null;
    }
    Where at = where.key(key);
    String text = text(node, at);
    if (text == null) {
      return null;
    }
    List<String> known = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = constant.name().toLowerCase(Locale.ROOT);
      if (name.equals(text)) {
        return constant;
      }
      known.add(name);
    }
    problems.add(
        node,
        at,
        "expected " + String.join(", ", known.subList(0, known.size() - 1)) + " or "
            + known.get(known.size() - 1) + ", got " + node.describe(),
        Suggestions.nearest(text, known) == null ? null : problems.didYouMean(text, known));
    return null;
  }

  /** Called for every item of a list. */
  interface ItemReader<T> {
    /** Reads one item; null, with a problem, if it is not what it should be. */
    @Nullable
    T read(Node item, Where at);
  }

  /** The items of a list under {@code key}; a single item may stand without a list. Null if it is absent. */
  <T> @Nullable List<T> list(String key, ItemReader<T> reader) {
    Node node = node(key);
    if (node == null) {
      return null;
    }
    Where at = where.key(key);
    if (node.isNull()) {
      problems.add(
          node, at, "expected a list, got nothing", "write [] for none, or remove the key");
      return null;
    }
    List<T> items = new ArrayList<>();
    if (node instanceof ListNode list) {
      for (int i = 0; i < list.size(); i++) {
        T item = reader.read(list.item(i), at.item(i));
        if (item != null) {
          items.add(item);
        }
      }
    } else {
      T item = reader.read(node, at);
      if (item != null) {
        items.add(item);
      }
    }
    return items;
  }

  /** Text items; see {@link #list}. */
  @Nullable
  List<String> texts(String key) {
    return list(key, this::text);
  }

  /** Any mapping under {@code key}, as it is; empty if it is absent. */
  Map<String, @Nullable Object> values(String key) {
    Fields values = map(key, "write KEY: VALUE");
    return values == null || values.map.size() == 0 ? Map.of() : values.map.toJava();
  }

  /** Names the keys of a mapping whose entries have names; blank names are problems and left out. */
  List<MapNode.Entry> named(String what) {
    return named(what, false);
  }

  /** The same; with {@code oneLine}, names with a line break or a NUL character are problems and left out too. */
  List<MapNode.Entry> named(String what, boolean oneLine) {
    List<MapNode.Entry> entries = new ArrayList<>(map.size());
    for (int i = 0; i < map.size(); i++) {
      MapNode.Entry entry = map.entry(i);
      if (entry.key().isBlank()) {
        problems.add(entry.line(), entry.column(), where.toString(), what + " needs a name", null);
      } else if (oneLine
          && entry.key().chars().anyMatch(c -> c == '\0' || c == '\n' || c == '\r')) {
        problems.add(
            entry.line(),
            entry.column(),
            where.toString(),
            "the name of " + what + " has a line break or a NUL character",
            null);
      } else {
        entries.add(entry);
      }
    }
    return entries;
  }
}
