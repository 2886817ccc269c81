package dev.muster.batch.spi;

import java.nio.file.Path;

/**
 * What a credential's provider knows of the run that it works for.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public interface CredentialContext {
  /**
   * Returns a folder of the run that exists, that only its owner may look into ({@code 0700}), and that is deleted at
   * the end of the run in any case.
   */
  Path directory();
}
