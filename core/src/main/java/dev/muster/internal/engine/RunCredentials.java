package dev.muster.internal.engine;

import dev.muster.execution.Credentials;
import dev.muster.execution.Pool;
import dev.muster.internal.credential.CredentialCopies;
import dev.muster.internal.discovery.Providers;
import dev.muster.plan.Plan;
import dev.muster.resource.Walltime;
import dev.muster.spi.CredentialProvider;
import dev.muster.spi.WorkerCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The credentials of a run's workers, found and copied once, when they are first asked for, and deleted at the end. Thread-safe. */
final class RunCredentials implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RunCredentials.class);

  private final String run;
  private final Plan plan;
  private final Providers providers;
  private final Supplier<Path> directory;
  private final Consumer<String> notices;
  private final boolean preview;
  private @Nullable CredentialCopies copies;
  private @Nullable WorkerCredentials told;

  /**
   * @param run the id of the run
   * @param directory the run's directory
   * @param notices hears of what may become a problem
   * @param preview whether they are described only, and nothing is looked for
   */
  RunCredentials(
      String run,
      Plan plan,
      Providers providers,
      Supplier<Path> directory,
      Consumer<String> notices,
      boolean preview) {
    this.run = run;
    this.plan = plan;
    this.providers = providers;
    this.directory = directory;
    this.notices = notices;
    this.preview = preview;
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
    Credentials wanted =
        Objects.requireNonNullElse(plan.execution().execution().credentials(), Credentials.none());
    if (wanted.kinds().isEmpty()) {
      return WorkerCredentials.none();
    }
    List<CredentialProvider> found =
        wanted.kinds().stream().distinct().map(providers::credential).toList();
    copies = new CredentialCopies(
        run,
        found,
        directory.get().toAbsolutePath().resolve("debug").resolve("credentials"),
        wanted.requiredLifetime(),
        walltimes(),
        notices,
        InstantSource.system());
    return preview ? copies.preview() : copies.make();
  }

  /** Returns how long the workers of pools may run, where that is said in words that can be read; who submits them checks the words. */
  private Map<String, Duration> walltimes() {
    Map<String, Duration> walltimes = new LinkedHashMap<>();
    for (SessionNeed need : SessionNeed.of(plan)) {
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
