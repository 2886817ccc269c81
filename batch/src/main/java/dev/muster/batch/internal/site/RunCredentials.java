package dev.muster.batch.internal.site;

import dev.muster.batch.internal.credential.CredentialCopies;
import dev.muster.batch.spi.CredentialProvider;
import dev.muster.execution.Credentials;
import dev.muster.execution.Pool;
import dev.muster.resource.Walltime;
import dev.muster.spi.SiteContext;
import dev.muster.spi.SiteContext.Purpose;
import dev.muster.spi.SiteNeed;
import dev.muster.spi.WorkerCredentials;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The credentials of a run's workers, found and copied once, when they are first asked for, and deleted at the end.
 * Thread-safe.
 */
final class RunCredentials implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RunCredentials.class);

  private final SiteContext context;
  private final SiteParts parts;
  private @Nullable CredentialCopies copies;
  private @Nullable WorkerCredentials told;

  RunCredentials(SiteContext context, SiteParts parts) {
    this.context = context;
    this.parts = parts;
  }

  /**
   * Returns what a worker's job needs.
   *
   * @throws dev.muster.error.MusterException if one cannot be had, or is not valid for long enough
   */
  synchronized WorkerCredentials told() {
    if (told == null) {
      told = find();
    }
    return told;
  }

  private WorkerCredentials find() {
    Credentials wanted = Objects.requireNonNullElse(
        context.plan().execution().execution().credentials(), Credentials.none());
    if (wanted.kinds().isEmpty()) {
      return WorkerCredentials.none();
    }
    List<CredentialProvider> found =
        wanted.kinds().stream().distinct().map(parts::credential).toList();
    copies = new CredentialCopies(
        context.runId(),
        found,
        context.directory().toAbsolutePath().resolve("debug").resolve("credentials"),
        wanted.requiredLifetime(),
        walltimes(),
        message -> context.doubt("credentials", message),
        InstantSource.system());
    return context.purpose() == Purpose.START ? copies.make() : copies.preview();
  }

  /**
   * Returns how long the workers of pools may run, where that is said in words that can be read; who submits them
   * checks the words.
   */
  private Map<String, Duration> walltimes() {
    Map<String, Duration> walltimes = new LinkedHashMap<>();
    for (SiteNeed need : context.needs()) {
      for (Pool pool : need.pools()) {
        Object own = pool.config().containsKey("walltime")
            ? pool.config().get("walltime")
            : need.config().get("walltime");
        if (own != null) {
          try {
            walltimes.put(pool.name(), Walltime.parse(own.toString()));
          } catch (IllegalArgumentException e) {
            log.debug("pool {}: {}", pool.name(), e.getMessage());
          }
        }
      }
    }
    return walltimes;
  }

  @Override
  public void close() {
    CredentialCopies made;
    synchronized (this) {
      made = copies;
    }
    if (made != null) {
      made.close();
    }
  }
}
