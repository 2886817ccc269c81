package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import dev.muster.execution.Pool;

/** Pools by the labels that they provide. Immutable and thread-safe. */
final class PoolIndex {
  private final ImmutableList<Pool> pools;
  private final ImmutableSetMultimap<String, Pool> byLabel;
  private final boolean everyLabel;

  private PoolIndex(ImmutableList<Pool> pools, boolean everyLabel) {
    this.pools = pools;
    this.everyLabel = everyLabel;
    ImmutableSetMultimap.Builder<String, Pool> labels = ImmutableSetMultimap.builder();
    for (Pool pool : pools) {
      labels.put(pool.name(), pool);
      if (pool.resource() != null) {
        labels.put(pool.resource(), pool);
      }
    }
    byLabel = labels.build();
  }

  /** Returns pools that provide their own name and their resource class. */
  static PoolIndex of(ImmutableList<Pool> pools) {
    return new PoolIndex(pools, false);
  }

  /** Returns a single pool that stands in for every label, because nobody described any. */
  static PoolIndex standIn(Pool pool) {
    return new PoolIndex(ImmutableList.of(pool), true);
  }

  /** Returns the pools, in the author's order. */
  ImmutableList<Pool> pools() {
    return pools;
  }

  /** Returns the labels that there are, in the author's order. */
  ImmutableSet<String> labels() {
    return byLabel.keySet();
  }

  /** Tells whether there is one pool that stands in for every label. */
  boolean everyLabel() {
    return everyLabel;
  }

  /** Returns the pools that provide a label, in the author's order. */
  ImmutableList<Pool> providing(String label) {
    return everyLabel ? pools : byLabel.get(label).asList();
  }
}
