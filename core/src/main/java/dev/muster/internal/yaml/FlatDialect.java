package dev.muster.internal.yaml;

import dev.muster.workflow.Stage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a stage of the flat dialect does: {@code type}, {@code args} and {@code kwargs}.
 *
 * <p>{@code BashOperator} is the operation {@code shell}: {@code kwargs.bash_command} becomes {@code command}, which
 * {@code bash} runs; in a container image {@code sh}, unless {@code kwargs.shell} says another.
 * {@code PyCallOperator} is the operation {@code python}, with {@code callable} and {@code args}. Both may be written
 * with the package before them. Any other type is the operation of that name: {@code kwargs} are its parameters, and
 * {@code args}, if there are any, its parameter {@code args}.
 */
final class FlatDialect {
  private static final String BASH = "BashOperator";
  private static final String PY_CALL = "PyCallOperator";

  private FlatDialect() {}

  static void operation(Fields fields, Stage.Builder stage) {
    String type = fields.text("type");
    if (!fields.has("type") && !fields.has("op")) {
      fields.missing("type", "a stage needs a type", "add type: NAME, for example type: " + BASH);
    }
    Fields kwargs = fields.map("kwargs", "write KEY: VALUE");
    Map<String, @Nullable Object> params =
        kwargs == null ? new LinkedHashMap<>() : kwargs.map().toJava();
    args(fields, params);
    if (type == null) {
      return;
    }
    String last = type.substring(type.lastIndexOf('.') + 1);
    if (last.equals(BASH)) {
      stage.op("shell");
      rename(fields, kwargs, params, "bash_command", "command", BASH);
    } else if (last.equals(PY_CALL)) {
      stage.op("python");
      rename(fields, kwargs, params, "callable", "callable", PY_CALL);
    } else {
      stage.op(type);
    }
    stage.params(params);
  }

  private static void args(Fields fields, Map<String, @Nullable Object> params) {
    Node args = fields.node("args");
    if (args == null || args.isNull()) {
      return;
    }
    if (!(args instanceof ListNode list)) {
      fields
          .problems()
          .add(
              args,
              fields.where().key("args"),
              "expected a list, got " + args.describe(),
              "write args: [VALUE]");
      return;
    }
    if (params.containsKey("args")) {
      fields.problemAt("args", "'args' is there twice: here and in 'kwargs'", "keep one of them");
    }
    if (list.size() > 0) {
      params.put("args", list.toJava());
    }
  }

  private static void rename(
      Fields fields,
      @Nullable Fields kwargs,
      Map<String, @Nullable Object> params,
      String from,
      String to,
      String type) {
    if (kwargs == null && fields.has("kwargs")) {
      return;
    }
    if (kwargs == null || !kwargs.has(from)) {
      fields.problemAt(
          kwargs == null ? "type" : "kwargs",
          "a " + type + " needs kwargs." + from,
          from.equals("callable")
              ? "write callable: \"module:function\""
              : "write bash_command: COMMAND");
      return;
    }
    String text = kwargs.text(from);
    if (text == null) {
      return;
    }
    if (!from.equals(to) && kwargs.has(to)) {
      kwargs.problemAt(to, "'" + to + "' and '" + from + "' say the same", "remove '" + to + "'");
    }
    Map<String, @Nullable Object> ordered = new LinkedHashMap<>();
    ordered.put(to, text);
    params.forEach((key, value) -> {
      if (!List.of(from, to).contains(key)) {
        ordered.put(key, value);
      }
    });
    boolean image = fields.node("environment") instanceof MapNode environment
        && environment.find("image") != null;
    if (type.equals(BASH) && !image) { // many images have sh alone
      ordered.putIfAbsent("shell", "bash");
    }
    params.clear();
    params.putAll(ordered);
  }
}
