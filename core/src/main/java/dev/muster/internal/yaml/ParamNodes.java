package dev.muster.internal.yaml;

import dev.muster.error.Suggestions;
import dev.muster.workflow.WorkflowParams;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file's {@code params}, and puts their values into its texts, before anything else is read of it. What a
 * command names stays: a value must not become code. Not thread-safe.
 */
final class ParamNodes {
  private static final String KEY = "params";
  private static final String HINT = "write params: {NAME: VALUE}";
  private static final List<String> SECTIONS =
      List.of("data", "analysis", "stages", "global", "execution");

  /** What the operation {@code shell} fills in itself, in both dialects. */
  private static final Set<String> OF_SHELL =
      Set.of("bash_command", "command", "cwd", "variables", "stdin", "outputs");

  private final Problems problems;
  private final Map<String, MapNode.Entry> written = new LinkedHashMap<>();
  private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
  private final Set<String> used = new LinkedHashSet<>();
  private final IdentityHashMap<Node, Node> known = new IdentityHashMap<>();
  private WorkflowParams params = WorkflowParams.none();

  private ParamNodes(Problems problems) {
    this.problems = problems;
  }

  /**
   * A file's tree with the values in place.
   *
   * @param root the tree
   * @param params the values
   */
  record Placed(Node root, WorkflowParams params) {}

  /**
   * Puts values in place.
   *
   * @param given values that go before the file's, by name
   */
  static Placed place(Node root, Map<String, GivenParam> given, Problems problems) {
    return new ParamNodes(problems).place(root, given);
  }

  private Placed place(Node root, Map<String, GivenParam> given) {
    if (!(root instanceof MapNode map)) {
      return new Placed(root, params);
    }
    read(map);
    given.forEach((name, value) -> override(map, name, value));
    params = new WorkflowParams(values);
    List<MapNode.Entry> entries = new ArrayList<>();
    for (int i = 0; i < map.size(); i++) {
      MapNode.Entry entry = map.entry(i);
      Where at = Where.ROOT.key(entry.key());
      entries.add(SECTIONS.contains(entry.key()) ? with(entry, in(entry.value(), at)) : entry);
    }
    written.forEach((name, entry) -> {
      if (!used.contains(name)) {
        problems.warn(
            entry.line(),
            entry.column(),
            KEY + "." + name,
            "nothing names the parameter " + Quoted.of(name),
            "write {param." + name + "} where its value belongs, or remove it");
      }
    });
    return new Placed(new MapNode(map.line(), map.column(), entries), params);
  }

  private void read(MapNode map) {
    MapNode.Entry section = map.find(KEY);
    if (section == null || section.value().isNull()) {
      return;
    }
    if (!(section.value() instanceof MapNode own)) {
      problems.add(
          section.value(),
          Where.ROOT.key(KEY),
          "expected a mapping, got " + section.value().describe(),
          HINT);
      return;
    }
    for (int i = 0; i < own.size(); i++) {
      MapNode.Entry entry = own.entry(i);
      written.put(entry.key(), entry);
      take(entry.key(), entry.value().toJava(), entry);
    }
  }

  private void take(String name, @Nullable Object value, MapNode.Entry at) {
    Map<String, @Nullable Object> one = new LinkedHashMap<>();
    one.put(name, value);
    try {
      values.putAll(new WorkflowParams(one).values());
    } catch (IllegalArgumentException e) {
      problems.add(at.line(), at.column(), KEY + "." + name, String.valueOf(e.getMessage()), null);
    }
  }

  private void override(MapNode root, String name, GivenParam given) {
    MapNode.Entry entry = written.get(name);
    if (entry == null) {
      MapNode.Entry section = root.find(KEY);
      problems.add(
          section == null ? root.line() : section.line(),
          section == null ? root.column() : section.column(),
          KEY,
          "the workflow has no parameter " + Quoted.of(name) + ", which was given a value",
          written.isEmpty()
              ? "add params: {" + Quoted.plain(name) + ": VALUE}"
              : Suggestions.didYouMean(name, new TreeSet<>(written.keySet())));
      return;
    }
    Object value;
    try {
      value = given.like(entry.value().toJava());
    } catch (IllegalArgumentException e) {
      problems.add(
          entry.line(),
          entry.column(),
          KEY + "." + name,
          "the value given for the parameter " + Quoted.of(name) + " does not suit: "
              + e.getMessage(),
          null);
      return;
    }
    take(name, value, entry);
  }

  private static MapNode.Entry with(MapNode.Entry entry, Node value) {
    return value == entry.value()
        ? entry
        : new MapNode.Entry(entry.key(), entry.line(), entry.column(), value);
  }

  /** Returns a node with values in place; the node itself where it names none. */
  private Node in(Node node, Where at) {
    Node done = known.get(node);
    if (done == null) {
      done = made(node, at);
      known.put(node, done);
    }
    return done;
  }

  private Node made(Node node, Where at) {
    if (node instanceof ScalarNode scalar) {
      return scalar.kind() == ScalarNode.Kind.TEXT && WorkflowParams.isNamedIn(scalar.text())
          ? value(scalar, at)
          : scalar;
    }
    if (node instanceof ListNode list) {
      return list(list, at);
    }
    MapNode map = (MapNode) node;
    boolean shell = isShell(map);
    List<MapNode.Entry> entries = new ArrayList<>(map.size());
    boolean changed = false;
    for (int i = 0; i < map.size(); i++) {
      MapNode.Entry entry = map.entry(i);
      Where within = at.key(entry.key());
      if (WorkflowParams.isNamedIn(entry.key())) {
        problems.add(
            entry.line(),
            entry.column(),
            at.toString(),
            "a key cannot name a parameter: " + Quoted.of(entry.key()),
            "write the key out");
      }
      boolean own = shell && (entry.key().equals(KEY) || entry.key().equals("kwargs"));
      Node value = own ? ofShell(entry.value(), within) : in(entry.value(), within);
      changed |= value != entry.value();
      entries.add(with(entry, value));
    }
    return changed ? new MapNode(map.line(), map.column(), entries) : map;
  }

  private Node list(ListNode list, Where at) {
    List<Node> items = new ArrayList<>(list.size());
    boolean changed = false;
    for (int i = 0; i < list.size(); i++) {
      Node item = in(list.item(i), at.item(i));
      changed |= item != list.item(i);
      items.add(item);
    }
    return changed ? new ListNode(list.line(), list.column(), items) : list;
  }

  /** The parameters of a command: what it fills in itself stays, the rest is put in place. */
  private Node ofShell(Node node, Where at) {
    if (!(node instanceof MapNode map)) {
      return in(node, at);
    }
    List<MapNode.Entry> entries = new ArrayList<>(map.size());
    for (int i = 0; i < map.size(); i++) {
      MapNode.Entry entry = map.entry(i);
      if (OF_SHELL.contains(entry.key())) {
        use(entry.value());
        entries.add(entry);
      } else {
        entries.add(with(entry, in(entry.value(), at.key(entry.key()))));
      }
    }
    return new MapNode(map.line(), map.column(), entries);
  }

  /** Tells whether a mapping is a stage that is a command. */
  private static boolean isShell(MapNode map) {
    for (String key : List.of("op", "type")) {
      MapNode.Entry entry = map.find(key);
      if (entry != null && entry.value() instanceof ScalarNode name) {
        String last = name.text().substring(name.text().lastIndexOf('.') + 1);
        return name.text().equals("shell") || (key.equals("type") && last.equals("BashOperator"));
      }
    }
    return false;
  }

  private void use(Node node) {
    if (node instanceof ScalarNode scalar) {
      use(scalar.text());
    } else if (node instanceof ListNode list) {
      for (int i = 0; i < list.size(); i++) {
        use(list.item(i));
      }
    } else if (node instanceof MapNode map) {
      for (int i = 0; i < map.size(); i++) {
        use(map.entry(i).value());
      }
    }
  }

  private void use(String text) {
    WorkflowParams.eachNamed(text, name -> {
      int dot = name.indexOf('.');
      used.add(dot < 0 ? name : name.substring(0, dot));
    });
  }

  private Node value(ScalarNode scalar, Where at) {
    use(scalar.text());
    try {
      return node(scalar, params.inPlace(scalar.text()));
    } catch (IllegalArgumentException e) {
      problems.add(scalar, at, String.valueOf(e.getMessage()), null);
      return new ScalarNode(scalar.line(), scalar.column(), "", ScalarNode.Kind.NULL);
    }
  }

  /** Returns a value as a node that stands at a place. */
  private static Node node(ScalarNode at, @Nullable Object value) {
    int line = at.line();
    int column = at.column();
    if (value instanceof List<?> list) {
      return new ListNode(
          line, column, list.stream().map(item -> node(at, item)).toList());
    }
    if (value instanceof Map<?, ?> map) {
      List<MapNode.Entry> entries = new ArrayList<>();
      map.forEach((key, item) ->
          entries.add(new MapNode.Entry(String.valueOf(key), line, column, node(at, item))));
      return new MapNode(line, column, entries);
    }
    if (value == null) {
      return new ScalarNode(line, column, "null", ScalarNode.Kind.NULL);
    }
    if (value instanceof Boolean) {
      return new ScalarNode(line, column, value.toString(), ScalarNode.Kind.BOOLEAN);
    }
    if (value instanceof Double number) {
      String text = number.isNaN()
          ? ".nan"
          : number.isInfinite() ? (number > 0 ? ".inf" : "-.inf") : number.toString();
      return new ScalarNode(line, column, text, ScalarNode.Kind.FLOAT);
    }
    return new ScalarNode(
        line,
        column,
        value.toString(),
        value instanceof Number ? ScalarNode.Kind.INTEGER : ScalarNode.Kind.TEXT);
  }
}
