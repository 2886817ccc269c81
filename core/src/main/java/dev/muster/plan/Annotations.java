package dev.muster.plan;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Map;

/**
 * The abstract resources that a task asks of its worker, in Dask's terms: {@code resource.gpu = 1}.
 *
 * <p>All tasks of a route share one instance. Source: "Resource Pools and Dask" of FAST-HEP's resource pools. Immutable
 * and thread-safe.
 *
 * @param resources resource name to amount, for example {@code {resource.gpu=1.0}}
 * @since 0.1
 */
public record Annotations(ImmutableSortedMap<String, Double> resources) {
  /** The prefix of the resource that stands for a label. */
  public static final String LABEL_PREFIX = "resource.";

  /** The resource that stands for GPUs. */
  public static final String GPU = "GPU";

  /** Returns annotations of these resources. */
  public static Annotations of(Map<String, Double> resources) {
    return new Annotations(ImmutableSortedMap.copyOf(resources));
  }
}
