package dev.muster.spi;

import dev.muster.probe.Finding;
import java.time.Duration;

/**
 * What a backend knows when it tries out a site.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public interface ProbeContext extends WorkerContext {
  /** Returns how long a worker may take to start. */
  Duration patience();

  /** Takes a finding. */
  void found(Finding finding);
}
