package dev.muster.internal.engine;

import dev.muster.plan.Route;
import org.jspecify.annotations.Nullable;

/** What tells the sessions of one run apart. */
record SessionKey(String backend, String strategy, @Nullable String executor) {
  static SessionKey of(Route route) {
    return new SessionKey(route.backend(), route.strategy(), route.executor());
  }

  /** Returns for example {@code dask on slurm}. */
  @Override
  public String toString() {
    return backend + " on " + strategy + (executor == null ? "" : " (" + executor + ")");
  }
}
