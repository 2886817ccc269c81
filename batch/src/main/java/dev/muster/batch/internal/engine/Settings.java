package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.JobOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link CommandBatchSystem} works with. Immutable.
 *
 * @param runId the run's id, a part of every tag
 * @param directory the folder for its scripts; it exists
 * @param config the options of the execution; a job's own win over them
 * @param environment the environment of the commands, with the {@code PATH} on which they are found
 * @param commands runs them
 * @param time tells the time
 * @param random makes tags differ and back-offs uneven
 */
record Settings(
    String runId,
    Path directory,
    Map<String, @Nullable Object> config,
    Map<String, String> environment,
    Commands commands,
    Time time,
    RandomGenerator random) {
  private static final Duration COMMAND_LIMIT = Duration.ofSeconds(30);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  Settings {
    directory = directory.toAbsolutePath().normalize();
    config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
    environment = Map.copyOf(environment);
  }

  /** Returns how long a command may take: {@code command_timeout}, 30 s by default. */
  Duration commandLimit(JobOptions options) {
    Duration limit = options.commandTimeout();
    return limit == null ? COMMAND_LIMIT : limit;
  }

  /** Returns how long an answer about states stays good: {@code poll_interval}, 1 s by default. */
  Duration interval() {
    Duration interval = JobOptions.of(config).duration("poll_interval");
    return interval == null ? INTERVAL : interval;
  }

  /** Returns a word that tells this system from others of the same run. */
  String token() {
    return String.format(Locale.ROOT, "%06x", random.nextInt() & 0xffffff);
  }
}
