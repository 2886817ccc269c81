package dev.muster.internal.engine;

import dev.muster.plan.Route;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What tells the sessions of one run apart. */
record SessionKey(String backend, String strategy, @Nullable String executor) {
  static SessionKey of(Route route) {
    return new SessionKey(route.backend(), route.strategy(), route.executor());
  }

  // Written out: what Java makes for a record is put together at run time, for milliseconds.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SessionKey key
        && backend.equals(key.backend)
        && strategy.equals(key.strategy)
        && Objects.equals(executor, key.executor);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * backend.hashCode() + strategy.hashCode()) + Objects.hashCode(executor);
  }

  /** Returns for example {@code dask on slurm}. */
  @Override
  public String toString() {
    return backend + " on " + strategy + (executor == null ? "" : " (" + executor + ")");
  }
}
