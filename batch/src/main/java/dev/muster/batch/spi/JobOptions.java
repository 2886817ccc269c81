package dev.muster.batch.spi;

import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;
import dev.muster.resource.Walltime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the options of a job, {@link JobSpec#config()}, with a clear error for what they cannot be.
 *
 * <p>Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class JobOptions {
  /** The options that the engine itself honours for every batch system that is driven by commands. */
  public static final Set<String> COMMON = Set.of("submit_rate", "command_timeout");

  /**
   * The option that says how long files that are sent may take, where jobs wait for them: a time, 30 minutes by
   * default. A dialect whose jobs do so names it among its {@link BatchDialect#options()}.
   */
  public static final String TRANSFER_TIMEOUT = "transfer_timeout";

  private static final Duration TRANSFER_LIMIT = Duration.ofMinutes(30);

  private final String owner;
  private final Map<String, @Nullable Object> config;

  private JobOptions(String owner, Map<String, @Nullable Object> config) {
    this.owner = owner;
    this.config = config;
  }

  /** Returns the options of a job. */
  public static JobOptions of(JobSpec spec) {
    return new JobOptions("pool " + spec.name() + ".config.", spec.config());
  }

  /** Returns options of an execution. */
  public static JobOptions of(Map<String, @Nullable Object> config) {
    return new JobOptions("execution.config.", config);
  }

  /**
   * Returns an option as a text, or null if it is not given. Numbers and booleans are written as they are.
   *
   * @throws MusterException if it is a list or a mapping, or has a line break
   */
  public @Nullable String text(String key) {
    Object value = config.get(key);
    if (value == null) {
      return null;
    }
    if (!scalar(value) || value.toString().contains("\n")) {
      throw wrong(key, "a text in one line");
    }
    return value.toString();
  }

  /**
   * Returns an option as true or false; false if it is not given.
   *
   * @throws MusterException if it is something else
   */
  public boolean flag(String key) {
    String text = text(key);
    return switch (text == null ? "false" : text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw wrong(key, "true or false");
    };
  }

  /**
   * Returns an option as a number of 1 or more, or null if it is not given.
   *
   * @throws MusterException if it is something else
   */
  public @Nullable Integer count(String key) {
    Object value = config.get(key);
    if (value == null) {
      return null;
    }
    if (value instanceof Number number
        && number.doubleValue() == number.intValue()
        && number.intValue() >= 1) {
      return number.intValue();
    }
    throw wrong(key, "a whole number of 1 or more");
  }

  /**
   * Returns an option as a time, or null if it is not given.
   *
   * @throws MusterException if it is something else
   */
  public @Nullable Duration duration(String key) {
    Object value = config.get(key);
    if (value == null) {
      return null;
    }
    try {
      return Walltime.parse(value.toString());
    } catch (IllegalArgumentException e) {
      throw wrong(key, "a time such as 90s, 15m or 02:00:00");
    }
  }

  /**
   * Returns {@link #TRANSFER_TIMEOUT}.
   *
   * @throws MusterException if it is no time, or less than a second
   */
  public Duration transferLimit() {
    Duration limit = duration(TRANSFER_TIMEOUT);
    if (limit != null && limit.toSeconds() < 1) {
      throw wrong(TRANSFER_TIMEOUT, "a second or more");
    }
    return limit == null ? TRANSFER_LIMIT : limit;
  }

  /**
   * Returns an option as lines: a list of texts, or one text that may have several lines; empty if it is not given.
   *
   * @throws MusterException if it is something else
   */
  public List<String> lines(String key) {
    Object value = config.get(key);
    List<String> lines = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object item : list) {
        if (item == null || !scalar(item)) {
          throw wrong(key, "a list of texts");
        }
        lines.addAll(item.toString().lines().toList());
      }
    } else if (value != null && !scalar(value)) {
      throw wrong(key, "a text or a list of texts");
    } else if (value != null) {
      lines.addAll(value.toString().lines().toList());
    }
    return lines;
  }

  /**
   * Returns an option that is a mapping of texts, or null if it is not given or not a mapping.
   *
   * @throws MusterException if a value is a list or a mapping
   */
  public @Nullable Map<String, String> map(String key) {
    if (!(config.get(key) instanceof Map<?, ?> map)) {
      return null;
    }
    Map<String, String> texts = new LinkedHashMap<>();
    map.forEach((name, value) -> {
      if (value != null && !scalar(value)) {
        throw wrong(key, "a list, or a mapping of names to texts");
      }
      texts.put(String.valueOf(name), value == null ? "" : value.toString());
    });
    return texts;
  }

  private static boolean scalar(Object value) {
    return value instanceof String || value instanceof Number || value instanceof Boolean;
  }

  /**
   * Checks {@link #COMMON}.
   *
   * @throws MusterException if one is not what it must be
   */
  public void checkCommon() {
    Integer unused = count("submit_rate");
    Duration unusedLimit = commandTimeout();
  }

  /**
   * Returns how long a command of the batch system may take, or null if it is not given.
   *
   * @throws MusterException if it is no time, or no time at all
   */
  public @Nullable Duration commandTimeout() {
    Duration limit = duration("command_timeout");
    if (limit != null && limit.isZero()) {
      throw wrong("command_timeout", "more than no time");
    }
    return limit;
  }

  /** Returns an error that names the option, what it must be, and what it is. Its problem has the option's path. */
  public MusterException wrong(String key, String wanted) {
    return new WorkflowException(
        owner + key, key + " must be " + wanted + ", got " + config.get(key), null);
  }
}
