package dev.muster.workflow;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which implementation stands behind the names of operations and modifiers.
 *
 * <p>An implementation is {@code module:callable} (Python) or {@code java:com.acme.Train} (a class with a public
 * constructor without parameters that implements {@link Operation} or {@link ModifierHooks}). Immutable and
 * thread-safe.
 *
 * @param operations operation name to implementation
 * @param modifiers modifier name to implementation
 * @since 0.1
 */
public record Registry(Map<String, String> operations, Map<String, String> modifiers) {
  private static final Registry EMPTY = new Registry(Map.of(), Map.of());

  public Registry {
    operations = Collections.unmodifiableMap(new LinkedHashMap<>(operations));
    modifiers = Collections.unmodifiableMap(new LinkedHashMap<>(modifiers));
  }

  /** Returns a registry without entries. */
  public static Registry empty() {
    return EMPTY;
  }

  /** Returns this registry's entries, and {@code lower}'s where this one has none of that name. */
  public Registry over(Registry lower) {
    Map<String, String> mergedOperations = new LinkedHashMap<>(lower.operations);
    mergedOperations.putAll(operations);
    Map<String, String> mergedModifiers = new LinkedHashMap<>(lower.modifiers);
    mergedModifiers.putAll(modifiers);
    return new Registry(mergedOperations, mergedModifiers);
  }
}
