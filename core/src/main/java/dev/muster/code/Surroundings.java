package dev.muster.code;

import com.google.common.collect.ImmutableMap;
import dev.muster.value.JsonValues;
import dev.muster.workflow.ModifierHooks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is around the operation of a stage.
 *
 * @param hooks the modifiers in Java, in the author's order; they are outside of those in Python
 * @param modifiers the modifiers in Python, in the author's order
 * @param variables the stage's environment variables, those of its {@code .env} file read
 * @param extraData what the author wrote for the operation
 * @since 0.1
 */
public record Surroundings(
    List<Hook> hooks,
    List<PythonModifier> modifiers,
    Map<String, String> variables,
    Map<String, @Nullable Object> extraData) {
  public Surroundings {
    hooks = List.copyOf(hooks);
    modifiers = List.copyOf(modifiers);
    variables = ImmutableMap.copyOf(variables);
    extraData = JsonValues.copyOf(extraData);
  }

  /**
   * A modifier in Java.
   *
   * @param name its name
   * @param params its parameters
   * @param hooks what it does
   */
  public record Hook(String name, Map<String, @Nullable Object> params, ModifierHooks hooks) {}

  /**
   * A modifier in Python, which runs in the process of the operation.
   *
   * @param name its name
   * @param impl {@code module:Class}
   * @param params its parameters
   */
  public record PythonModifier(String name, String impl, Map<String, @Nullable Object> params) {}

  /** Adds it to the JSON of a stage's code. */
  void json(Map<String, @Nullable Object> json) {
    List<Map<String, @Nullable Object>> python = new ArrayList<>();
    for (PythonModifier each : modifiers) {
      Map<String, @Nullable Object> made = new LinkedHashMap<>();
      made.put("name", each.name());
      made.put("impl", each.impl());
      made.put("params", each.params());
      python.add(made);
    }
    json.put("modifiers", python);
    if (!hooks.isEmpty()) {
      json.put(
          "hooks",
          hooks.stream().map(each -> List.of(each.name(), each.params())).toList());
    }
    json.put("variables", variables);
    json.put("extra_data", extraData);
  }

  /** Says nothing of the variables' values: they may be secrets. */
  @Override
  public String toString() {
    return "Surroundings[hooks " + hooks.stream().map(Hook::name).toList() + ", modifiers "
        + modifiers.stream().map(PythonModifier::name).toList() + ", variables "
        + variables.keySet() + "]";
  }
}
