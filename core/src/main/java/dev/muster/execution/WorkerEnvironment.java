package dev.muster.execution;

import dev.muster.resource.Settings;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The software that workers have: a type that an environment provider understands, and its options.
 *
 * <p>Source: FAST-HEP's worker environments. Immutable and thread-safe.
 *
 * @param type {@code current} (the default), {@code shared}, {@code packed-pixi}, or any provider's name
 * @param options the type's options, for example {@code archive_path}
 * @since 0.1
 */
public record WorkerEnvironment(String type, Map<String, @Nullable Object> options) {
  private static final WorkerEnvironment CURRENT = new WorkerEnvironment("current", Map.of());

  public WorkerEnvironment {
    if (type.isBlank()) {
      throw new IllegalArgumentException("an environment needs a type");
    }
    options = Settings.copyOf(options);
  }

  /** Returns what the workers have anyway. */
  public static WorkerEnvironment current() {
    return CURRENT;
  }
}
