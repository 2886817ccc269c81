package dev.muster.spi;

/**
 * Starts and equips workers outside of this JVM, as the strategy, the environment and the credentials of an execution
 * say.
 *
 * <p>Core has none: it runs what needs no worker. Module {@code muster-batch} provides the one, which is found with
 * {@link java.util.ServiceLoader}. It has a public constructor without parameters and is thread-safe.
 *
 * @since 0.1
 */
public interface Infrastructure {
  /**
   * Returns what it has for one plan. Looks nothing up, writes nothing and starts nothing; that is done by the methods
   * of the result. Called once for each check, preview, probe or run.
   *
   * @throws IllegalArgumentException if two of the {@link SiteContext#plugins()} are of one kind and name
   */
  Site site(SiteContext context);
}
