package dev.muster.code;

import dev.muster.value.JsonValues;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A function in Python.
 *
 * @param callable {@code module:function}
 * @param args arguments by position
 * @param params arguments by name
 * @param around what is around it
 * @since 0.1
 */
public record PythonCode(
    String callable,
    List<@Nullable Object> args,
    Map<String, @Nullable Object> params,
    Surroundings around)
    implements StageCode {
  public PythonCode {
    args = Collections.unmodifiableList(new ArrayList<>(args));
    params = JsonValues.copyOf(params);
  }

  @Override
  public Kind kind() {
    return Kind.PYTHON;
  }

  @Override
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("callable", callable);
    json.put("args", args);
    json.put("params", params);
    around.json(json);
    return json;
  }
}
