package dev.muster.internal.yaml;

import dev.muster.error.WorkflowException;
import dev.muster.internal.yaml.ScalarNode.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Reads the one document of a file into a tree.
 *
 * <p>Aliases share the node of their anchor, so a bomb of aliases costs nothing to read; what it would come to when
 * written out is counted and bounded, as is the depth. Merge keys are taken up. Not thread-safe.
 */
final class TreeReader {
  static final int DEEPEST = 100;
  static final int MOST_REPEATED = 500_000;

  private static final LoadSettings SETTINGS = LoadSettings.builder()
      .setUseMarks(true)
      .setCodePointLimit(Integer.MAX_VALUE)
      .build();
  private static final String CORE = "tag:yaml.org,2002:";
  private static final Set<String> SCALAR_TAGS =
      Set.of(CORE + "str", CORE + "int", CORE + "float", CORE + "bool", CORE + "null");

  private final Problems problems;
  private final ParserImpl parser;
  private final SeparatorEscapes escapes;
  private final Map<String, Node> anchors = new HashMap<>();
  private final Set<String> open = new HashSet<>();
  private final Map<String, String> keys = new HashMap<>();
  private final @Nullable String[] pathKeys = new String[DEEPEST + 2];
  private final int[] pathIndices = new int[DEEPEST + 2];
  private long repeated;

  private TreeReader(SourceText source, Problems problems) {
    this.problems = problems;
    escapes = new SeparatorEscapes(source.text());
    parser =
        new ParserImpl(SETTINGS, new StreamReader(SETTINGS, new WholeCharacters(escapes.text())));
  }

  /**
   * Reads the document.
   *
   * @return its value, or null if there is none: an empty file, or only comments
   * @throws WorkflowException if the text is not YAML, is several documents, or exceeds a bound
   */
  static @Nullable Node read(SourceText source, Problems problems) {
    TreeReader reader = new TreeReader(source, problems);
    try {
      return reader.document();
    } catch (YamlEngineException e) {
      throw SyntaxErrors.explain(e, problems);
    }
  }

  private @Nullable Node document() {
    parser.next();
    if (parser.checkEvent(Event.ID.StreamEnd)) {
      return null;
    }
    parser.next();
    Node root = node(parser.next(), 1);
    parser.next();
    if (!parser.checkEvent(Event.ID.StreamEnd)) {
      Mark mark = start(parser.peekEvent());
      throw problems.fatal(
          mark.getLine() + 1,
          mark.getColumn() + 1,
          Where.ROOT,
          "a second document starts here, and only one is read",
          "remove the line '---', or put the second document into a file of its own");
    }
    return root;
  }

  private Node node(Event event, int depth) {
    if (event instanceof AliasEvent alias) {
      return alias(alias, depth);
    }
    NodeEvent start = (NodeEvent) event;
    String anchor = start.getAnchor().isPresent() ? start.getAnchor().get().getValue() : null;
    if (event instanceof ScalarEvent scalar) {
      Node node = scalar(scalar, depth);
      if (anchor != null) {
        anchors.put(anchor, node);
      }
      return node;
    }
    CollectionStartEvent collection = (CollectionStartEvent) start;
    if (depth > DEEPEST) {
      throw tooDeep(collection, depth);
    }
    if (anchor != null) {
      anchors.remove(anchor);
      open.add(anchor);
    }
    Node node = collection.getEventId() == Event.ID.SequenceStart
        ? list(collection, depth)
        : map(collection, depth);
    if (anchor != null) {
      open.remove(anchor);
      anchors.put(anchor, node);
    }
    return node;
  }

  private Node alias(AliasEvent event, int depth) {
    String name = event.getAlias().getValue();
    Node node = anchors.get(name);
    Mark mark = start(event);
    if (node == null) {
      throw problems.fatal(
          mark.getLine() + 1,
          mark.getColumn() + 1,
          where(depth),
          open.contains(name)
              ? "the alias *" + Quoted.plain(name) + " stands inside what it repeats"
              : "the alias *" + Quoted.plain(name) + " repeats an anchor that is not there",
          open.contains(name)
              ? "a value cannot contain itself"
              : anchors.isEmpty()
                  ? "set it before with &" + Quoted.plain(name)
                      + ", or quote the text if no alias is meant"
                  : problems.didYouMean(name, anchors.keySet()));
    }
    repeated += node.weight();
    if (repeated > MOST_REPEATED) {
      throw problems.fatal(
          mark.getLine() + 1,
          mark.getColumn() + 1,
          where(depth),
          "the aliases up to here repeat more than " + MOST_REPEATED + " values",
          "repeat less; anchors are for short blocks");
    }
    if (depth + node.height() > DEEPEST + 1) {
      throw tooDeep(event, depth);
    }
    return node;
  }

  private WorkflowException tooDeep(Event event, int depth) {
    Mark mark = start(event);
    return problems.fatal(
        mark.getLine() + 1,
        mark.getColumn() + 1,
        where(Math.min(depth, 10)),
        "more than " + DEEPEST + " levels lie inside each other",
        "is a bracket missing its end?");
  }

  private Node scalar(ScalarEvent event, int depth) {
    Mark mark = start(event);
    int line = mark.getLine() + 1;
    int column = mark.getColumn() + 1;
    String text = text(event);
    Kind kind = event.isPlain() ? Scalars.resolve(text) : Kind.TEXT;
    String tag = event.getTag().isPresent() ? event.getTag().get() : null;
    if (tag != null) {
      kind = tagged(tag, text, line, column, depth);
    }
    return new ScalarNode(line, column, text, kind);
  }

  private String text(ScalarEvent event) {
    return escapes.restore(event.getValue(), event.getScalarStyle() == ScalarStyle.DOUBLE_QUOTED);
  }

  private Kind tagged(String tag, String text, int line, int column, int depth) {
    if (tag.equals("!")) {
      return Kind.TEXT;
    }
    if (!SCALAR_TAGS.contains(tag)) {
      unknownTag(tag, line, column, depth);
      return Kind.TEXT;
    }
    String type = tag.substring(CORE.length());
    Kind kind = Scalars.resolve(text);
    boolean fits = switch (type) {
      case "str" -> true;
      case "int" -> kind == Kind.INTEGER;
      case "float" -> kind == Kind.FLOAT || (kind == Kind.INTEGER && !hasBase(text));
      case "bool" -> kind == Kind.BOOLEAN;
      default -> kind == Kind.NULL;
    };
    if (!fits) {
      problems.add(
          line,
          column,
          where(depth).toString(),
          "the tag !!" + type + " does not fit "
              + (Where.isSecret(where(depth).toString()) ? "this value" : Quoted.of(text)),
          "remove the tag, or correct the value");
      return Kind.TEXT;
    }
    return switch (type) {
      case "str" -> Kind.TEXT;
      case "float" -> Kind.FLOAT;
      default -> kind;
    };
  }

  private static boolean hasBase(String text) {
    return text.startsWith("0x") || text.startsWith("0o");
  }

  private void unknownTag(String tag, int line, int column, int depth) {
    String shown = tag.startsWith(CORE) ? "!!" + tag.substring(CORE.length()) : tag;
    problems.add(
        line,
        column,
        where(depth).toString(),
        "the tag " + Quoted.plain(shown) + " is not supported",
        "workflow files hold plain values only; remove the tag, or quote the text");
  }

  private void checkTag(CollectionStartEvent event, String own, int depth) {
    if (event.getTag().isPresent()
        && !event.getTag().get().equals(CORE + own)
        && !event.getTag().get().equals("!")) {
      Mark mark = start(event);
      unknownTag(event.getTag().get(), mark.getLine() + 1, mark.getColumn() + 1, depth);
    }
  }

  private Node list(CollectionStartEvent event, int depth) {
    checkTag(event, "seq", depth);
    Mark mark = start(event);
    List<Node> items = new ArrayList<>();
    for (Event next = parser.next();
        next.getEventId() != Event.ID.SequenceEnd;
        next = parser.next()) {
      pathIndices[depth] = items.size();
      pathKeys[depth] = null;
      items.add(node(next, depth + 1));
    }
    return new ListNode(mark.getLine() + 1, mark.getColumn() + 1, items);
  }

  private Node map(CollectionStartEvent event, int depth) {
    checkTag(event, "map", depth);
    Mark mark = start(event);
    EntryList entries = new EntryList();
    for (Event next = parser.next();
        next.getEventId() != Event.ID.MappingEnd;
        next = parser.next()) {
      Mark at = start(next);
      int line = at.getLine() + 1;
      int column = at.getColumn() + 1;
      pathIndices[depth] = -1;
      pathKeys[depth] = next instanceof ScalarEvent scalar ? text(scalar) : null;
      Node key = node(next, depth + 1);
      Node value = node(parser.next(), depth + 1);
      if (!(key instanceof ScalarNode name)) {
        problems.add(
            line,
            column,
            where(depth).toString(),
            "a key must be text, not " + key.describe(),
            "quote the key");
      } else if (name.text().equals("<<")
          && next instanceof ScalarEvent scalar
          && scalar.isPlain()) {
        entries.merge(line, column, value, depth);
      } else {
        entries.add(
            new MapNode.Entry(keys.computeIfAbsent(name.text(), k -> k), line, column, value),
            depth);
      }
    }
    return new MapNode(mark.getLine() + 1, mark.getColumn() + 1, entries.result(depth));
  }

  /** The place in the document of what is being read at {@code depth}, from 1 for the root. */
  private Where where(int depth) {
    Where where = Where.ROOT;
    for (int i = 1; i < depth && i < pathKeys.length; i++) {
      String key = pathKeys[i];
      where =
          key != null ? where.key(key) : pathIndices[i] >= 0 ? where.item(pathIndices[i]) : where;
    }
    return where;
  }

  private static Mark start(Event event) {
    return event.getStartMark().orElseThrow();
  }

  /** The entries of one mapping: no key twice, and merged mappings below its own keys. */
  private final class EntryList {
    private static final int FEW = 8;

    private final List<MapNode.Entry> own = new ArrayList<>();
    private @Nullable Map<String, MapNode.Entry> index;
    private MapNode.@Nullable Entry merge;

    void add(MapNode.Entry entry, int depth) {
      MapNode.Entry first = find(entry.key());
      if (first != null) {
        twice(entry, first, depth);
        return;
      }
      own.add(entry);
      if (index != null) {
        index.put(entry.key(), entry);
      } else if (own.size() > FEW) {
        Map<String, MapNode.Entry> made = new HashMap<>();
        own.forEach(each -> made.put(each.key(), each));
        index = made;
      }
    }

    void merge(int line, int column, Node value, int depth) {
      MapNode.Entry entry = new MapNode.Entry("<<", line, column, value);
      if (merge != null) {
        twice(entry, merge, depth);
      } else {
        merge = entry;
      }
    }

    private void twice(MapNode.Entry entry, MapNode.Entry first, int depth) {
      problems.add(
          entry.line(),
          entry.column(),
          where(depth).key(entry.key()).toString(),
          "the key " + Quoted.of(entry.key()) + " is there twice",
          "the first is at line " + first.line() + ", column " + first.column()
              + (entry.key().equals("<<") ? "; merge several with <<: [*a, *b]" : ""));
    }

    private MapNode.@Nullable Entry find(String key) {
      if (index != null) {
        return index.get(key);
      }
      for (MapNode.Entry entry : own) {
        if (entry.key().equals(key)) {
          return entry;
        }
      }
      return null;
    }

    List<MapNode.Entry> result(int depth) {
      if (merge == null) {
        return own;
      }
      Map<String, MapNode.Entry> all = new LinkedHashMap<>();
      Node value = merge.value();
      if (value instanceof ListNode list) {
        for (int i = 0; i < list.size(); i++) {
          take(list.item(i), all, depth);
        }
      } else {
        take(value, all, depth);
      }
      own.forEach(entry -> all.put(entry.key(), entry));
      return new ArrayList<>(all.values());
    }

    private void take(Node value, Map<String, MapNode.Entry> all, int depth) {
      if (!(value instanceof MapNode map)) {
        problems.add(
            value.line(),
            value.column(),
            where(depth).key("<<").toString(),
            "<< merges mappings, not " + value.describe(),
            "write <<: *anchor, or <<: [*one, *two]");
        return;
      }
      for (int i = 0; i < map.size(); i++) {
        all.putIfAbsent(map.entry(i).key(), map.entry(i));
      }
    }
  }
}
