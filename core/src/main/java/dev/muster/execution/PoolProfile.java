package dev.muster.execution;

import dev.muster.resource.Quantities;
import dev.muster.resource.Settings;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A worker configuration under a name, which pools take up with {@code use}. A pool's own values win over its
 * profile's.
 *
 * <p>Source: "Pool Profiles" of FAST-HEP's resource pools. Immutable and thread-safe.
 *
 * @param name the profile's name, not blank
 * @param workers how many workers, or null if not said
 * @param slots tasks that a worker runs at a time, or null if not said
 * @param resource the resource class that its workers have, or null
 * @param quantities what one worker has
 * @param config options of the backend and the strategy
 * @since 0.1
 */
public record PoolProfile(
    String name,
    @Nullable Workers workers,
    @Nullable Integer slots,
    @Nullable String resource,
    Quantities quantities,
    Map<String, @Nullable Object> config) {
  public PoolProfile {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a profile needs a name");
    }
    if (slots != null && (slots < 1 || slots > Pool.MAX_SLOTS)) {
      throw new IllegalArgumentException(
          "profile " + name + ": slots must be 1 to " + Pool.MAX_SLOTS + ", got " + slots);
    }
    config = Settings.copyOf(config);
  }
}
