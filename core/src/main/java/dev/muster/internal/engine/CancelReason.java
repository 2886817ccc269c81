package dev.muster.internal.engine;

import dev.muster.run.RunStatus;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Why a run is cancelled: the first reason that is given. Thread-safe. */
final class CancelReason {
  /** That of a run that is cancelled without one. */
  static final String NONE = "the run was cancelled";

  private final AtomicReference<@Nullable String> first = new AtomicReference<>();

  void give(String reason) {
    first.compareAndSet(null, reason);
  }

  /** Returns what tasks are told. */
  String text() {
    String given = first.get();
    return given == null ? NONE : given;
  }

  /** Returns the reason that was given for cancelling a run with this end, or null. */
  @Nullable
  String of(RunStatus end) {
    String given = text();
    return end != RunStatus.CANCELLED || given.equals(NONE) ? null : given;
  }
}
