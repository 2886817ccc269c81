package dev.muster.dask;

import com.google.common.base.Throwables;
import org.jspecify.annotations.Nullable;

/** Ends several things, each of them whatever becomes of the others. */
final class Teardown {
  private Teardown() {}

  /**
   * Carries out all steps in their order, then throws what the first that failed threw; that has what the others threw
   * as suppressed.
   */
  static void all(Runnable... steps) {
    Throwable first = null;
    for (Runnable step : steps) {
      first = run(step, first);
    }
    if (first != null) {
      Throwables.throwIfUnchecked(first);
    }
  }

  /** Carries out all steps in their order after an error, to which what they throw is added as suppressed. */
  static void after(Throwable error, Runnable... steps) {
    for (Runnable step : steps) {
      run(step, error);
    }
  }

  private static @Nullable Throwable run(Runnable step, @Nullable Throwable first) {
    try {
      step.run();
      return first;
    } catch (RuntimeException | Error e) {
      if (first == null) {
        return e;
      }
      if (e != first) {
        first.addSuppressed(e);
      }
      return first;
    }
  }
}
