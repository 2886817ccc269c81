package dev.muster.code;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command, and the container that it runs in.
 *
 * @param command the command
 * @param params the stage's parameters, for modifiers; the command has what it needs of them
 * @param container what it runs in, or null for no container
 * @param around what is around it
 * @since 0.1
 */
public record ShellCode(
    Command command,
    Map<String, @Nullable Object> params,
    @Nullable ContainerSpec container,
    Surroundings around)
    implements StageCode {
  @Override
  public Kind kind() {
    return Kind.SHELL;
  }

  @Override
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("command", command.json());
    json.put("params", params);
    json.put("image", container == null ? null : container.image());
    around.json(json);
    return json;
  }
}
