package dev.muster.code;

import dev.muster.value.JsonValues;
import dev.muster.workflow.Operation;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An operation in Java.
 *
 * @param name the operation's name
 * @param params the stage's parameters
 * @param operation the operation
 * @param around what is around it
 * @since 0.1
 */
public record JavaCode(
    String name, Map<String, @Nullable Object> params, Operation operation, Surroundings around)
    implements StageCode {
  public JavaCode {
    params = JsonValues.copyOf(params);
  }

  @Override
  public Kind kind() {
    return Kind.JAVA;
  }

  @Override
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("operation", name);
    json.put("params", params);
    around.json(json);
    return json;
  }
}
