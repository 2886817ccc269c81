package dev.muster.workflow;

import dev.muster.value.JsonValues;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that adapts how a stage executes, by name: {@code gpu.preload}, {@code profile}.
 *
 * <p>It travels with the stage as data; what it does comes from the registry, a builder, or a provider. Source:
 * "Execution Modifiers" of FAST-HEP's execution infrastructure. Immutable and thread-safe.
 *
 * @param name the modifier's name, not blank
 * @param params its parameters
 * @since 0.1
 */
public record Modifier(String name, Map<String, @Nullable Object> params) {
  public Modifier {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a modifier needs a name");
    }
    params = JsonValues.copyOf(params);
  }

  /** Returns a modifier without parameters. */
  public static Modifier of(String name) {
    return new Modifier(name, Map.of());
  }
}
