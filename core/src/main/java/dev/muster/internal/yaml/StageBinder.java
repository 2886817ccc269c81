package dev.muster.internal.yaml;

import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageEnvironment;
import dev.muster.workflow.StageInput;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the stages of a workflow, in the main dialect and in the flat one, and checks that their names meet. */
final class StageBinder {
  private static final List<String> KEYS = List.of(
      "id", "op", "params", "needs", "from", "scope", "applies_to", "execution", "environment");
  private static final List<String> FLAT_KEYS = List.of(
      "name",
      "type",
      "args",
      "kwargs",
      "needs",
      "from",
      "scope",
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

  /** A place where one stage names another. */
  private record Reference(String id, Node node, Where where) {}

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
    for (int i = 0; i < list.size(); i++) {
      Where at = where.item(i);
      Fields fields = Fields.of(problems, at, list.item(i), HINT);
      if (fields != null) {
        Stage stage = stage(fields);
        if (stage != null) {
          stages.add(stage);
        }
      }
    }
    for (Reference reference : references) {
      if (!ids.containsKey(reference.id())) {
        problems.add(
            reference.node(),
            reference.where(),
            "there is no stage " + Quoted.of(reference.id()),
            problems.didYouMean(reference.id(), ids.keySet()));
      }
    }
    return stages;
  }

  private @Nullable Stage stage(Fields fields) {
    fields.only(flat ? FLAT_KEYS : KEYS, flat ? FLAT_HINTS : HINTS);
    String idKey = flat ? "name" : "id";
    String id = fields.text(idKey);
    if (!fields.has(idKey) && !fields.has(flat ? "id" : "name")) {
      fields.problem(
          flat ? "a stage needs a name" : "a stage needs an id",
          "add " + idKey + ": NAME" + (fields.has("op") || fields.has("type") ? "" : "; " + HINT));
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
    return id == null || repeated ? null : stage.build();
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
      fields.problem("a stage needs an operation", "add op: NAME, for example op: shell");
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
    Fields appliesTo =
        fields.map("applies_to", "write what the datasets have, for example {eventtype: mc}");
    if (appliesTo != null) {
      stage.appliesTo(appliesTo.map().toJava());
    }
  }

  private @Nullable String need(Node item, Where at) {
    String id = Fields.text(problems, item, at);
    if (id != null) {
      references.add(new Reference(id, item, at));
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
    if (!fields.has("node")) {
      fields.problem("an input needs a node, the stage that it comes from", FROM_HINT);
    }
    Node node = fields.node("node");
    String id = node == null ? null : need(node, at.key("node"));
    String port = fields.text("port");
    String as = fields.text("as");
    Boolean optional = fields.flag("optional");
    return id == null ? null : new StageInput(id, port, as, Boolean.TRUE.equals(optional));
  }
}
