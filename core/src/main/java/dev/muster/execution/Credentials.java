package dev.muster.execution;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which credentials workers need, by kind; never the credentials themselves.
 *
 * <p>Source: "Credentials" of FAST-HEP's execution infrastructure. Immutable and thread-safe.
 *
 * @param kinds for example {@code x509} and {@code scitokens}
 * @param requiredLifetime how long they must still be valid when workers are submitted, or null to warn only
 * @since 0.1
 */
public record Credentials(List<String> kinds, @Nullable Duration requiredLifetime) {
  public Credentials {
    kinds = List.copyOf(kinds);
  }

  /** Returns no credentials. */
  public static Credentials none() {
    return new Credentials(List.of(), null);
  }
}
