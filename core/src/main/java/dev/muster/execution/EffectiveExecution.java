package dev.muster.execution;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is left when all layers are merged, profiles taken up and defaults filled in, with the origin of each value.
 *
 * <p>Immutable and thread-safe.
 *
 * @param execution complete: backend, strategy, environment, staging and credentials are there, every pool has workers
 *     and slots, and its {@code use} is taken up (the name stays)
 * @param origins path of a value, for example {@code pools.gpu.resources.memory}, to the name of the layer that set it
 * @since 0.1
 */
public record EffectiveExecution(Execution execution, SortedMap<String, String> origins) {
  public EffectiveExecution {
    origins = Collections.unmodifiableSortedMap(new TreeMap<>(origins));
  }
}
