package dev.muster.dask;

import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;
import dev.muster.resource.Walltime;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The options of the backend, out of {@code execution.config}.
 *
 * @param named the interpreter of the bridge and, where a pool names no other, of the workers, or null to choose one
 * @param address the address of an existing scheduler, or null to start one
 * @param tls the files {@code ca}, {@code cert} and {@code key} for an existing scheduler; empty for what Dask's
 *     configuration says
 * @param secure whether connections are encrypted
 * @param host the interface on which the scheduler listens, or null to find one
 * @param schedulerPort the port on which it listens; 0 for any
 * @param dashboard whether there is a dashboard
 * @param dashboardPort its port; 0 for any
 * @param startTimeout how long a pool may be without its first worker
 * @param startTimeoutGiven whether somebody said so; else waiting in a queue does not count
 * @param deathTimeout how long a worker looks for its scheduler before it gives up
 * @param idleTimeout how long an adaptive pool keeps workers that have nothing to do
 * @param batch whether many small tasks travel as one
 * @param batchTime how long such a batch runs, about
 */
record DaskConfig(
    @Nullable String named,
    @Nullable String address,
    Map<String, Object> tls,
    boolean secure,
    @Nullable String host,
    int schedulerPort,
    boolean dashboard,
    int dashboardPort,
    Duration startTimeout,
    boolean startTimeoutGiven,
    Duration deathTimeout,
    Duration idleTimeout,
    boolean batch,
    Duration batchTime) {

  private static final int LAST_PORT = 65_535;
  private static final Pattern PORTS = Pattern.compile("(\\d{1,5})(?::(\\d{1,5}))?");

  /** The names of the options of an execution. */
  static final Set<String> OPTIONS = Set.of(
      "python",
      "address",
      "tls",
      "security",
      "host",
      "scheduler_port",
      "dashboard",
      "worker_start_timeout",
      "death_timeout",
      "idle_timeout",
      "poll_interval",
      "batch");

  static DaskConfig of(Map<String, @Nullable Object> config) {
    Reader reader = new Reader("execution", config);
    String security = reader.text("security", "tls");
    if (!security.equals("tls") && !security.equals("none")) {
      throw reader.wrong("security", "tls or none", security);
    }
    Object dashboard = config.get("dashboard");
    Duration unused = reader.duration("poll_interval", Duration.ofSeconds(1)); // the engine's
    return new DaskConfig(
        (String) reader.typed("python", String.class, "a text"),
        (String) reader.typed("address", String.class, "an address such as tls://host:8786"),
        reader.map("tls"),
        security.equals("tls"),
        (String) reader.typed("host", String.class, "a host name or address"),
        reader.port("scheduler_port"),
        dashboard instanceof Number || reader.flag("dashboard", false),
        dashboard instanceof Number port ? port.intValue() : 0,
        reader.duration("worker_start_timeout", Duration.ofMinutes(5)),
        config.get("worker_start_timeout") != null,
        reader.duration("death_timeout", Duration.ofMinutes(1)),
        reader.duration("idle_timeout", Duration.ofSeconds(10)),
        reader.flag("batch", true),
        Duration.ofMillis(50));
  }

  /**
   * Returns the interpreter of the bridge.
   *
   * @throws MusterException if none is named, and none that is here has what is needed
   */
  Interpreters.Choice python() {
    return named != null
        ? new Interpreters.Choice(named, null)
        : Interpreters.here().choose(ownTls());
  }

  /** Tells whether the bridge makes keys. */
  boolean ownTls() {
    return secure && address == null;
  }

  /** Reads options, with a clear error for what cannot be one. */
  static final class Reader {
    private final String owner;
    private final Map<String, @Nullable Object> config;

    /**
     * @param owner whose options they are, {@code execution} or {@code pool NAME}
     */
    Reader(String owner, Map<String, @Nullable Object> config) {
      this.owner = owner;
      this.config = config;
    }

    WorkflowException wrong(String key, String wanted, Object got) {
      return new WorkflowException(
          owner + ".config." + key, key + " must be " + wanted + ", got " + got, null);
    }

    @Nullable
    Object typed(String key, Class<?> type, String wanted) {
      Object value = config.get(key);
      if (value != null && !type.isInstance(value)) {
        throw wrong(key, wanted, value);
      }
      return value;
    }

    String text(String key, String fallback) {
      Object value = typed(key, String.class, "a text");
      return value == null ? fallback : (String) value;
    }

    boolean flag(String key, boolean fallback) {
      Object value = config.get(key);
      if (value == null) {
        return fallback;
      }
      if (value instanceof Boolean flag) {
        return flag;
      }
      return switch (value.toString().toLowerCase(Locale.ROOT)) {
        case "true" -> true;
        case "false" -> false;
        default -> throw wrong(key, "true or false", value);
      };
    }

    Duration duration(String key, Duration fallback) {
      Object value = config.get(key);
      if (value == null) {
        return fallback;
      }
      try {
        return Walltime.parse(value.toString());
      } catch (IllegalArgumentException e) {
        throw wrong(key, "a time such as 90s, 15m or 02:00:00", value);
      }
    }

    /** Returns a port; 0 if none is given. */
    int port(String key) {
      Object value = config.get(key);
      if (value == null) {
        return 0;
      }
      if (value instanceof Integer port && port >= 0 && port <= LAST_PORT) {
        return port;
      }
      throw wrong(key, "a port, 0 to " + LAST_PORT, value);
    }

    /** Returns a port or a range of ports as Dask has it; null if none is given. */
    @Nullable
    String ports(String key) {
      Object value = config.get(key);
      if (value == null) {
        return null;
      }
      Matcher range = PORTS.matcher(value.toString());
      if (range.matches()) {
        int first = Integer.parseInt(range.group(1));
        int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
        if (first >= 1 && first <= last && last <= LAST_PORT) {
          return value.toString();
        }
      }
      throw wrong(key, "a port, or a range such as 10000:10100", value);
    }

    Map<String, Object> map(String key) {
      Map<String, Object> copy = new LinkedHashMap<>();
      if (typed(key, Map.class, "a mapping") instanceof Map<?, ?> map) {
        map.forEach((name, value) -> {
          if (value != null) {
            copy.put(String.valueOf(name), value);
          }
        });
      }
      return copy;
    }
  }
}
