package dev.muster.batch.internal.credential;

import dev.muster.batch.spi.Credential;
import dev.muster.batch.spi.CredentialContext;
import dev.muster.batch.spi.CredentialProvider;
import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.FolderGuard;
import dev.muster.spi.WorkerCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies of credentials that the workers of a run read: made once, made anew when the originals change, deleted at
 * the end. Thread-safe.
 */
public final class CredentialCopies implements CredentialContext, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CredentialCopies.class);

  /** How long before its end a credential that nobody has renewed is spoken of. */
  private static final Duration SOON = Duration.ofMinutes(10);

  private final String run;
  private final List<CredentialProvider> providers;
  private final Path directory;
  private final @Nullable Duration required;
  private final Map<String, Duration> walltimes;
  private final Consumer<String> notices;
  private final InstantSource clock;
  private final Map<CredentialProvider, Copy> copies = new LinkedHashMap<>();
  private @Nullable Renewals renewals;
  private @Nullable FolderGuard guard;
  private boolean closed;

  /** What is known of one copy. */
  private static final class Copy {
    final Credential credential;
    final @Nullable String state;

    @Nullable
    String refused;

    boolean spokenOf;

    Copy(Credential credential, @Nullable String state) {
      this.credential = credential;
      this.state = state;
    }
  }

  /**
   * @param run the id of the run
   * @param directory the folder of the copies; it is made when they are
   * @param required how long credentials must still be valid at the start, or null
   * @param walltimes how long the workers of each pool may run, by the pool's name
   * @param notices hears of what may become a problem
   */
  public CredentialCopies(
      String run,
      List<CredentialProvider> providers,
      Path directory,
      @Nullable Duration required,
      Map<String, Duration> walltimes,
      Consumer<String> notices,
      InstantSource clock) {
    this.run = run;
    this.providers = List.copyOf(providers);
    this.directory = directory;
    this.required = required;
    this.walltimes = new LinkedHashMap<>(walltimes);
    this.notices = notices;
    this.clock = clock;
  }

  @Override
  public Path directory() {
    return directory;
  }

  /** Returns what workers would be told, without looking for anything. */
  public WorkerCredentials preview() {
    return told(List.of());
  }

  /**
   * Finds, checks and copies all, and begins to look for changes.
   *
   * @throws MusterException if one is missing, wrong, expired, or not valid for long enough; nothing is left then
   */
  public synchronized WorkerCredentials make() {
    if (closed) {
      throw new IllegalStateException("the run is over");
    }
    try {
      guard = FolderGuard.of(directory);
      SecretFile.folder(directory);
      for (CredentialProvider provider : providers) {
        Copy copy = copy(provider, null);
        checkLength(provider, copy.credential);
        copies.put(provider, copy);
      }
    } catch (IOException e) {
      close();
      throw new MusterException(
          "cannot make copies of credentials in " + directory + ": " + IoErrors.describe(e), e);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
    renewals = Renewals.start(run, this::renew);
    List<String> summary = new ArrayList<>();
    copies.forEach((provider, copy) -> summary.add(provider.kind() + " from "
        + copy.credential.source() + ", valid until " + seconds(copy.credential.expires())));
    return told(summary);
  }

  private WorkerCredentials told(List<String> summary) {
    Map<String, String> variables = new LinkedHashMap<>();
    Set<String> unset = new LinkedHashSet<>();
    for (CredentialProvider provider : providers) {
      variables.put(provider.variable(), target(provider).toString());
      unset.addAll(provider.unset());
    }
    return new WorkerCredentials(variables, List.copyOf(unset), summary);
  }

  private Path target(CredentialProvider provider) {
    return directory.resolve(provider.kind());
  }

  /**
   * Finds a credential and, if its file is another than before, copies it.
   *
   * @param before the copy that there is, or null
   */
  private Copy copy(CredentialProvider provider, @Nullable Copy before) throws IOException {
    Credential credential = provider.find(this);
    Path target = target(provider);
    String what = words(provider, credential);
    Instant now = clock.instant();
    if (!credential.expires().isAfter(now)) {
      throw new MusterException(what + " expired at " + seconds(credential.expires())
          + "; make a new one with " + provider.renewal());
    }
    if (credential.path().startsWith(directory)) {
      Files.move(credential.path(), target, StandardCopyOption.ATOMIC_MOVE);
      return new Copy(credential, null);
    }
    String state = state(credential.path());
    if (before == null || !state.equals(before.state)) {
      byte[] bytes = Files.readAllBytes(credential.path());
      try {
        SecretFile.write(target, bytes);
      } finally {
        Arrays.fill(bytes, (byte) 0);
      }
    }
    return new Copy(credential, state);
  }

  private void checkLength(CredentialProvider provider, Credential credential) {
    Duration left = Duration.between(clock.instant(), credential.expires());
    String what = words(provider, credential) + " is valid until " + seconds(credential.expires())
        + ", for another " + words(left);
    if (required != null && left.compareTo(required) < 0) {
      throw new MusterException(what + ", and execution.credentials.required_lifetime asks for "
          + words(required) + "; make a new one with " + provider.renewal());
    }
    walltimes.forEach((pool, walltime) -> {
      if (left.compareTo(walltime) < 0) {
        notices.accept(what + ", and workers of pool " + pool + " may run for " + words(walltime)
            + "; renew it in time with " + provider.renewal()
            + ": a new one is passed on to running workers");
      }
    });
  }

  /** Looks whether originals have changed, and passes new ones on. */
  synchronized void renew() {
    if (closed) {
      return;
    }
    for (CredentialProvider provider : providers) {
      Copy before = copies.get(provider);
      if (before != null && before.state != null) {
        renew(provider, before);
      }
    }
  }

  private void renew(CredentialProvider provider, Copy before) {
    String state;
    try {
      state = state(before.credential.path());
    } catch (IOException e) {
      log.debug("credential {} is not there now: {}", provider.kind(), IoErrors.describe(e));
      remind(provider, before);
      return;
    }
    if (state.equals(before.state) || state.equals(before.refused)) {
      remind(provider, before);
      return;
    }
    try {
      Copy copy = copy(provider, before);
      copies.put(provider, copy);
      notices.accept(words(provider, copy.credential)
          + " was renewed; workers have the new one, which is valid until "
          + seconds(copy.credential.expires()));
    } catch (MusterException | IOException e) {
      before.refused = state;
      notices.accept(
          "a new credential is not passed on, and workers keep the old one, which is valid until "
              + seconds(before.credential.expires()) + ": "
              + IoErrors.words(e));
    }
  }

  private void remind(CredentialProvider provider, Copy copy) {
    Instant end = copy.credential.expires();
    if (!copy.spokenOf && !end.isAfter(clock.instant().plus(SOON))) {
      copy.spokenOf = true;
      notices.accept(words(provider, copy.credential) + " ends at " + seconds(end)
          + " and was not renewed; make a new one with " + provider.renewal());
    }
  }

  /** Returns what differs when a file was written or replaced. */
  private static String state(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    return path + " " + attributes.fileKey() + " " + attributes.lastModifiedTime() + " "
        + attributes.size();
  }

  private static String words(CredentialProvider provider, Credential credential) {
    return "credential " + provider.kind() + " (" + credential.source() + ")";
  }

  private static Instant seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }

  /** Returns for example {@code 2 h 5 min}. */
  private static String words(Duration span) {
    if (span.compareTo(Duration.ofMinutes(1)) < 0) {
      return span.toSeconds() + " s";
    }
    long hours = span.toHours();
    int minutes = span.toMinutesPart();
    return hours == 0
        ? minutes + " min"
        : hours + " h" + (minutes == 0 ? "" : " " + minutes + " min");
  }

  /** Deletes the copies. */
  @Override
  public void close() {
    Renewals running;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      running = renewals;
    }
    if (running != null) {
      running.close();
    }
    synchronized (this) {
      if (guard != null) {
        guard.close();
      }
    }
  }
}
