package dev.muster.spi;

import dev.muster.execution.Pool;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a session of a backend needs of a site.
 *
 * <p>Immutable and thread-safe.
 *
 * @param strategy the name of the strategy
 * @param pools the pools whose tasks come to the session, in the author's order
 * @param config the options of the execution; a pool's own win over them
 * @since 0.1
 */
public record SiteNeed(String strategy, List<Pool> pools, Map<String, @Nullable Object> config) {
  public SiteNeed {
    pools = List.copyOf(pools);
    config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
  }
}
