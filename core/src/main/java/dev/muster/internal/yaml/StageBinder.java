package dev.muster.internal.yaml;

import dev.muster.error.Suggestions;
import dev.muster.workflow.Keep;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageEnvironment;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Tolerance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the stages of a workflow, in the main dialect and in the flat one, and checks that their names meet. */
final class StageBinder {
  private static final List<String> KEYS = List.of(
      "id",
      "op",
      "params",
      "needs",
      "from",
      "scope",
      "block",
      "tolerate",
      "version",
      "keep",
      "applies_to",
      "execution",
      "environment");
  private static final List<String> FLAT_KEYS = List.of(
      "name",
      "type",
      "args",
      "kwargs",
      "needs",
      "from",
      "scope",
      "block",
      "tolerate",
      "version",
      "keep",
      "applies_to",
      "execution",
      "environment");
  private static final Map<String, String> HINTS = Map.ofEntries(
      Map.entry("name", "write 'id'; 'name' belongs to the flat dialect with 'stages' at the top"),
      Map.entry("type", "write 'op'; 'type' belongs to the flat dialect with 'stages' at the top"),
      Map.entry("kwargs", "write 'params'"),
      Map.entry("args", "write 'params'"),
      Map.entry("require", "write it under 'execution'"),
      Map.entry("prefer", "write it under 'execution'"),
      Map.entry("retry", "write it under 'execution'"),
      Map.entry("timeout", "write it under 'execution'"),
      Map.entry("modifiers", "write it under 'execution'"),
      Map.entry("resources", "write it under 'environment'"),
      Map.entry("image", "write it under 'environment'"),
      Map.entry("variables", "write it under 'environment'"));
  private static final Map<String, String> FLAT_HINTS = Map.of(
      "id", "write 'name'; 'id' belongs to analysis.stages",
      "op", "write 'type'; 'op' belongs to analysis.stages",
      "params", "write 'kwargs'; 'params' belongs to analysis.stages");
  private static final String HINT = "write for example {id: SelectMuons, op: hep.select}";
  private static final String FROM_HINT =
      "write STAGE, or {node: STAGE, port: PORT, as: NAME, optional: true}";

  private final Problems problems;
  private final boolean flat;
  private final StageEnvironment below;
  private final StageLocations.Recorder locations;
  private final Map<String, Node> ids = new HashMap<>();
  private final List<Reference> references = new ArrayList<>();
  private final Set<String> maybeIds = new HashSet<>();
  private int unnamed;
  private int reading; // the number of the stage

  /** A place where one stage names another. */
  private record Reference(int stage, String id, Node node, Where where) {}

  /**
   * Creates a reader of stages.
   *
   * @param flat whether they are written in the flat dialect
   * @param below what stands below the environment of every stage
   */
  StageBinder(Problems problems, boolean flat, StageEnvironment below) {
    this.problems = problems;
    this.flat = flat;
    this.below = below;
    this.locations = new StageLocations.Recorder(problems.file(), flat);
  }

  /** Reads the list of stages. */
  List<Stage> bind(Node node, Where where) {
    if (!(node instanceof ListNode list)) {
      problems.add(
          node,
          where,
          "expected a list of stages, got " + node.describe(),
          flat ? "start each stage with '- name:'" : "start each stage with '- id:'");
      return List.of();
    }
    List<Stage> stages = new ArrayList<>(list.size());
    int[] placeOf = new int[list.size()];
    boolean gap = false;
    for (int i = 0; i < list.size(); i++) {
      Where at = where.item(i);
      reading = i;
      Fields fields = Fields.of(problems, at, list.item(i), HINT);
      Stage stage = fields == null ? null : stage(fields);
      placeOf[i] = stage == null ? -1 : stages.size();
      if (stage == null) {
        unnamed += fields == null ? 1 : 0;
        gap = true;
      } else {
        if (gap && stage.needs() == null) { // what it follows is not known
          problems.unread("stage " + stage.id() + ".needs");
        }
        gap = false;
        stages.add(stage);
      }
    }
    names(stages, placeOf);
    return stages;
  }

  /** Notes names of stages that there are not, and takes them out. */
  private void names(List<Stage> stages, int[] placeOf) {
    Set<Integer> wrong = new LinkedHashSet<>();
    for (Reference reference : references) {
      if (ids.containsKey(reference.id())) {
        continue;
      }
      wrong.add(placeOf[reference.stage()]);
      boolean lost = unnamed > 0
          && (maybeIds.contains(reference.id())
              || problems.isFull()
              || Suggestions.nearest(reference.id(), ids.keySet()) == null);
      if (!lost) {
        problems.add(
            reference.node(),
            reference.where(),
            "there is no stage " + Quoted.of(reference.id()),
            problems.didYouMean(reference.id(), ids.keySet()));
      }
    }
    wrong.remove(-1);
    for (int place : wrong) {
      Stage stage = stages.get(place);
      problems.unread("stage " + stage.id() + ".needs");
      Stage.Builder known = stage.toBuilder();
      if (stage.needs() != null) {
        known.needs(stage.needs().stream().filter(ids::containsKey).toArray(String[]::new));
      }
      if (stage.from() != null) {
        known.from(
            stage.from().stream().filter(each -> ids.containsKey(each.node())).toList());
      }
      stages.set(place, known.build());
    }
  }

  private @Nullable Stage stage(Fields fields) {
    int before = problems.unread().size();
    fields.only(flat ? FLAT_KEYS : KEYS, flat ? FLAT_HINTS : HINTS);
    String idKey = flat ? "name" : "id";
    String id = fields.text(idKey);
    if (!fields.has(flat ? "id" : "name")) {
      fields.missing(
          idKey,
          flat ? "a stage needs a name" : "a stage needs an id",
          "add " + idKey + ": NAME" + (fields.has("op") || fields.has("type") ? "" : "; " + HINT));
    }
    if (id == null) {
      unnamed++;
      noteMaybeIds(fields.map());
    }
    boolean repeated = id != null && repeated(id, idKey, fields);
    Stage.Builder stage = Stage.builder(id == null ? "?" : id);
    if (flat) {
      FlatDialect.operation(fields, stage);
    } else {
      operation(fields, stage);
    }
    data(fields, stage);
    StageExecutionBinder.bind(fields.map("execution", StageExecutionBinder.HINT), stage);
    stage.environment(
        EnvironmentBinder.bind(fields.map("environment", EnvironmentBinder.HINT), below));
    stage.location(problems.location(fields.map().line(), fields.map().column()));
    stage.locations(locations.of(fields.map()));
    if (id == null || repeated) {
      return null;
    }
    unread(id, fields.where(), before);
    return stage.build();
  }

  /** Notes what may be the id of a stage whose key for it is misspelt. */
  private void noteMaybeIds(MapNode stage) {
    for (int i = 0; i < stage.size(); i++) {
      if (stage.entry(i).value() instanceof ScalarNode scalar) {
        maybeIds.add(scalar.text());
      }
    }
  }

  /** Notes what could not be read of a stage by the paths that others know. */
  private void unread(String id, Where where, int from) {
    List<String> all = problems.unread();
    if (all.size() == from) {
      return;
    }
    String own = where + ".";
    for (String path : List.copyOf(all.subList(from, all.size()))) {
      if (path.startsWith(own)) {
        problems.unread("stage " + id + "." + mainPath(path.substring(own.length())));
      }
    }
  }

  private String mainPath(String path) {
    if (!flat) {
      return path;
    }
    int end = path.length();
    for (int i = 0; i < path.length() && end == path.length(); i++) {
      end = path.charAt(i) == '.' || path.charAt(i) == '[' ? i : end;
    }
    String first = StageLocations.Recorder.mainKey("", path.substring(0, end));
    String rest = path.substring(end);
    return first + (rest.equals(".bash_command") ? ".command" : rest);
  }

  private boolean repeated(String id, String idKey, Fields fields) {
    Node node = fields.node(idKey);
    Node first = node == null ? null : ids.putIfAbsent(id, node);
    if (first == null || node == null) {
      return false;
    }
    problems.add(
        node,
        fields.where().key(idKey),
        "two stages are named " + Quoted.of(id),
        "the first is at line " + first.line() + ", column " + first.column());
    return true;
  }

  private static void operation(Fields fields, Stage.Builder stage) {
    String op = fields.text("op");
    if (op != null) {
      stage.op(op);
    } else if (!fields.has("op") && !fields.has("type")) {
      fields.missing("op", "a stage needs an operation", "add op: NAME, for example op: shell");
    }
    if (fields.has("params")) {
      stage.params(fields.values("params"));
    }
  }

  private void data(Fields fields, Stage.Builder stage) {
    List<String> needs = fields.list("needs", this::need);
    if (needs != null) {
      stage.needs(needs.toArray(String[]::new));
    }
    List<StageInput> from = fields.list("from", this::input);
    if (from != null) {
      stage.from(from);
    }
    Scope scope = fields.constant("scope", Scope.class);
    if (scope != null) {
      stage.scope(scope);
    }
    Integer block = fields.integer("block", 1, Integer.MAX_VALUE);
    if (block != null) {
      stage.block(block);
    }
    Node tolerate = fields.node("tolerate");
    if (tolerate != null) {
      Tolerance tolerance = tolerance(tolerate, fields.where().key("tolerate"));
      if (tolerance != null) {
        stage.tolerate(tolerance);
      }
    }
    String version = fields.text("version");
    if (version != null) {
      stage.version(version);
    }
    Keep keep = fields.constant("keep", Keep.class);
    if (keep != null) {
      stage.keep(keep);
    }
    Fields appliesTo =
        fields.map("applies_to", "write what the datasets have, for example {eventtype: mc}");
    if (appliesTo != null) {
      stage.appliesTo(appliesTo.map().toJava());
    }
  }

  private @Nullable Tolerance tolerance(Node node, Where at) {
    String text = Fields.text(problems, node, at);
    return text == null ? null : problems.checked(node, at, () -> Tolerance.parse(text));
  }

  private @Nullable String need(Node item, Where at) {
    String id = Fields.text(problems, item, at);
    if (id != null) {
      references.add(new Reference(reading, id, item, at));
    }
    return id;
  }

  private @Nullable StageInput input(Node item, Where at) {
    if (!(item instanceof MapNode)) {
      String id = need(item, at);
      return id == null ? null : StageInput.of(id);
    }
    Fields fields = Fields.of(problems, at, item, FROM_HINT);
    if (fields == null) {
      return null;
    }
    fields.only(List.of("node", "port", "as", "optional"));
    fields.missing("node", "an input needs a node, the stage that it comes from", FROM_HINT);
    Node node = fields.node("node");
    String id = node == null ? null : need(node, at.key("node"));
    String port = fields.text("port");
    String as = fields.text("as");
    Boolean optional = fields.flag("optional");
    return id == null ? null : new StageInput(id, port, as, Boolean.TRUE.equals(optional));
  }
}
