package dev.muster.internal.yaml;

import dev.muster.workflow.Modifier;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Stage;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code stages[].execution}: requirement, timeout, retry, modifiers, and where to run. */
final class StageExecutionBinder {
  private static final List<String> KEYS = List.of(
      "require", "prefer", "fallback", "timeout", "retry", "modifiers", "backend", "executor");
  static final String HINT = "write for example {require: gpu, timeout: 2h}";
  private static final String MODIFIER_HINT = "write NAME, or {name: NAME, params: {...}}";

  private final Fields execution;
  private final Problems problems;
  private final Map<String, Node> modifiers = new HashMap<>();

  private StageExecutionBinder(Fields execution) {
    this.execution = execution;
    this.problems = execution.problems();
  }

  static void bind(@Nullable Fields execution, Stage.Builder stage) {
    if (execution != null) {
      new StageExecutionBinder(execution).bind(stage);
    }
  }

  private void bind(Stage.Builder stage) {
    String labels = "a stage names the label it needs: require: LABEL";
    execution.only(
        KEYS,
        Map.of(
            "pools",
            "pools belong to the 'execution' at the top of the file; " + labels,
            "pool",
            labels,
            "resources",
            "amounts belong to the stage's 'environment'; " + labels,
            "strategy",
            "a strategy belongs to the 'execution' at the top of the file"));
    stage.requirement(requirement());
    Duration timeout = execution.span("timeout");
    if (timeout != null) {
      if (timeout.isZero()) {
        execution.problemAt("timeout", "a timeout must be longer than nothing", null);
      } else {
        stage.timeout(timeout);
      }
    }
    Retry retry = RetryBinder.bind(execution);
    if (retry != null) {
      stage.retry(retry);
    }
    List<Modifier> list = execution.list("modifiers", this::modifier);
    if (list != null) {
      stage.modifiers(list);
    }
    String backend = execution.text("backend");
    if (backend != null) {
      stage.backend(backend);
    }
    String executor = execution.text("executor");
    if (executor != null) {
      stage.executor(executor);
    }
  }

  private Requirement requirement() {
    String require = execution.text("require");
    String prefer = execution.text("prefer");
    String fallback = execution.text("fallback");
    if (execution.has("require") && execution.has("prefer")) {
      execution.problemAt(
          "prefer",
          "'require' and 'prefer' exclude each other",
          "keep 'require' if the stage can run nowhere else, otherwise 'prefer'");
    }
    if (execution.has("fallback") && !execution.has("prefer")) {
      execution.problemAt(
          "fallback",
          "'fallback' says where to go without what is preferred, and nothing is",
          execution.has("require")
              ? "write 'prefer' in place of 'require', or remove 'fallback'"
              : "add prefer: LABEL, or write require: LABEL in place of 'fallback'");
    }
    if (require != null) {
      return Requirement.require(require);
    }
    return prefer == null ? Requirement.none() : new Requirement.Prefer(prefer, fallback);
  }

  private @Nullable Modifier modifier(Node item, Where at) {
    Modifier modifier = read(item, at);
    if (modifier == null) {
      return null;
    }
    Node first = modifiers.putIfAbsent(modifier.name(), item);
    if (first != null) {
      problems.add(
          item,
          at,
          "the modifier " + Quoted.of(modifier.name()) + " is there twice",
          "the first is at line " + first.line() + ", column " + first.column());
      return null;
    }
    return modifier;
  }

  private @Nullable Modifier read(Node item, Where at) {
    if (!(item instanceof MapNode)) {
      String name = Fields.text(problems, item, at);
      return name == null ? null : Modifier.of(name);
    }
    Fields fields = Fields.of(problems, at, item, MODIFIER_HINT);
    if (fields == null) {
      return null;
    }
    fields.only(List.of("name", "params"));
    String name = fields.text("name");
    Map<String, @Nullable Object> params = fields.values("params");
    fields.missing("name", "a modifier needs a name", MODIFIER_HINT);
    return name == null ? null : new Modifier(name, params);
  }
}
