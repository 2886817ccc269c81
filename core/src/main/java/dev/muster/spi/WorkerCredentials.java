package dev.muster.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a worker's job needs to have its credentials: paths, never the credentials.
 *
 * <p>Immutable and thread-safe.
 *
 * @param variables environment variables that hold the paths of the copies, for example {@code X509_USER_PROXY}
 * @param unset environment variables that a worker must not have, as tools would ask them first
 * @param summary what was found and until when it is valid, for people, one for each kind; empty where nothing is
 *     started
 * @since 0.1
 */
public record WorkerCredentials(
    Map<String, String> variables, List<String> unset, List<String> summary) {
  private static final WorkerCredentials NONE =
      new WorkerCredentials(Map.of(), List.of(), List.of());

  public WorkerCredentials {
    variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    unset = List.copyOf(unset);
    summary = List.copyOf(summary);
  }

  /** Returns no credentials. */
  public static WorkerCredentials none() {
    return NONE;
  }
}
