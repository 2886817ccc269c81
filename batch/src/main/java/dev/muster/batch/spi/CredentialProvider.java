package dev.muster.batch.spi;

import dev.muster.spi.Plugin;
import java.util.List;

/**
 * Finds one kind of credential where the tools of its kind leave it, and checks it. It does not know who starts the
 * workers, so every kind works with every strategy.
 *
 * <p>Providers have a public constructor without parameters and are thread-safe. What they say in errors and logs is
 * the kind, the path, when it expires and what to do, never a part of the credential. Source: "Credentials" of
 * FAST-HEP's execution infrastructure.
 *
 * @since 0.1
 */
public interface CredentialProvider extends Plugin {
  /**
   * Returns the kind by which executions choose it, for example {@code x509}: lower-case letters, digits, {@code -} and
   * {@code .}.
   */
  String kind();

  /** Returns the environment variable that holds the path of the worker's copy, for example {@code X509_USER_PROXY}. */
  String variable();

  /**
   * Returns the environment variables that would be asked before {@link #variable()}, and are therefore unset for
   * workers. Default: none.
   */
  default List<String> unset() {
    return List.of();
  }

  /** Returns what makes a new one, for people, for example {@code voms-proxy-init}. */
  String renewal();

  /**
   * Finds it and checks that it is there, that only its owner can read it, and that it can be read as what it is.
   * Whether it is valid for long enough is checked by the caller. Called before the first worker is submitted, and
   * again when its file has changed.
   *
   * @throws dev.muster.error.MusterException if it is not there or wrong; says where it was looked for and what to do
   */
  Credential find(CredentialContext context);
}
