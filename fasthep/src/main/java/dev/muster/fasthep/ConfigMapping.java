package dev.muster.fasthep;

import dev.muster.error.Suggestions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Muster's options for one of FAST-HEP's {@code config} mappings, that of the execution or that of a pool. Not
 * thread-safe.
 */
final class ConfigMapping {
  /** The options that both know by the same name and mean the same by. */
  private static final Set<String> SAME = Set.of(
      "queue", "walltime", "account", "worker_extra_args", "log_directory", "worker_start_timeout");

  /** Muster's own, which FAST-HEP keeps and does not read. */
  private static final Set<String> OWN = Set.of(
      "address",
      "tls",
      "security",
      "host",
      "dashboard",
      "scheduler_port",
      "worker_ports",
      "death_timeout",
      "idle_timeout",
      "poll_interval",
      "batch",
      "lifetime",
      "scratch",
      "max_queued",
      "max_lost_workers",
      "container_runtime",
      "container_options",
      "requirements",
      "stream_output",
      "qos",
      "constraint",
      "reservation",
      "nodes",
      "job_script_prologue",
      "job_script_epilogue",
      "submit_rate",
      "command_timeout",
      "transfer_timeout");

  private static final Pattern BATCH_NAME =
      Pattern.compile("(\\+|my\\.)?(job_?)?batch_?name", Pattern.CASE_INSENSITIVE);
  private static final String DIRECTIVES = "job_extra_directives";
  private static final Set<String> ONE_BY_ONE = Set.of("synchronous", "sync", "single-threaded");

  private static final Map<String, String> REFUSED = Map.of(
      "submit_command_extra",
          "Muster submits with the options that it needs itself; write what the jobs need into job_extra_directives",
      "worker_shutdown_grace", "Muster lets workers finish their tasks and ends them itself",
      "output_destination",
          "Muster brings all products home; copy them from the run's folder after the run",
      "output_files",
          "Muster brings all products home; copy them from the run's folder after the run",
      "output_directories",
          "Muster brings all products home; copy them from the run's folder after the run");

  private final Notes notes;
  private final String path;
  private final boolean read;
  private final Map<String, @Nullable Object> config = new LinkedHashMap<>();
  private @Nullable Integer workers;
  private @Nullable Integer slots;
  private @Nullable Integer cpus;
  private @Nullable String memory;

  /**
   * Maps options.
   *
   * @param path where they stand, for example {@code execution.config}
   * @param read whether FAST-HEP's backend reads any: its local one does not
   * @param given null is as if it were not given
   */
  ConfigMapping(Notes notes, String path, boolean read, Map<?, ?> given) {
    this.notes = notes;
    this.path = path;
    this.read = read;
    given.forEach((key, value) -> {
      if (value != null) {
        map(String.valueOf(key), value);
      }
    });
  }

  /** Returns Muster's options. */
  Map<String, @Nullable Object> config() {
    return config;
  }

  /** Returns the number of workers, or null. */
  @Nullable
  Integer workers() {
    return workers;
  }

  /** Returns the tasks that a worker runs at a time, or null. */
  @Nullable
  Integer slots() {
    return slots;
  }

  /** Returns the processor cores of a worker whose class has none, or null. */
  @Nullable
  Integer cpus() {
    return cpus;
  }

  /** Returns the memory of a worker whose class has none, or null. */
  @Nullable
  String memory() {
    return memory;
  }

  private void map(String key, Object value) {
    if (SAME.contains(key) || OWN.contains(key)) {
      put(key, value);
      return;
    }
    switch (key) {
      case PythonChoice.KEY -> {
        if (!path.equals("execution.config")) { // that one was read before the compile
          put(key, value);
        }
      }
      case "workers" -> workers = count(key, value);
      case "n_workers" -> workers = workers == null ? count(key, value) : workers;
      case "threads_per_worker" -> slots = count(key, value);
      case "cores" -> cpus = count(key, value);
      case "memory_limit" -> memoryLimit(key, value);
      case "local_directory" -> put("scratch", value);
      case "dashboard_address" -> dashboard(key, value);
      case "worker_port_range" -> put("worker_ports", value);
      case "nanny" -> nanny(value);
      case "scheduler" -> scheduler(key, String.valueOf(value));
      case "processes" -> {
        if (!Boolean.TRUE.equals(value)) {
          refuse(key, "Muster's workers are processes", "remove it");
        }
      }
      case "scheduler_options" -> schedulerOptions(key, value);
      case DIRECTIVES, "site_directives" -> directives(key, value);
      default -> others(key);
    }
  }

  private void others(String key) {
    String reason = REFUSED.get(key);
    if (reason != null) {
      refuse(key, reason, "set it to null in the workflow if a profile has it");
      return;
    }
    if (key.equals(OwnSettings.NAME) || key.startsWith(OwnSettings.NAME + ".")) {
      return;
    }
    Set<String> known = new TreeSet<>(SAME);
    known.addAll(OWN);
    known.addAll(Set.of("workers", "threads_per_worker", "cores", "memory_limit"));
    String nearest = Suggestions.nearest(key, known);
    notes.warn(
        path + "." + key,
        "neither FAST-HEP nor Muster knows '" + key + "': it changes nothing",
        nearest == null ? null : "did you mean '" + nearest + "'?");
  }

  private void put(String key, Object value) {
    config.put(key, value);
  }

  private void memoryLimit(String key, Object value) {
    String text = String.valueOf(value);
    if (text.equals("auto") || text.equals("0")) {
      return;
    }
    if (value instanceof Double || value instanceof Float) {
      refuse(key, "Muster knows no share of a machine's memory", "write it as in 4GB");
      return;
    }
    memory = text;
  }

  private void dashboard(String key, Object value) {
    String text = String.valueOf(value);
    String port = text.substring(text.lastIndexOf(':') + 1);
    if (!port.matches("\\d{1,5}")) {
      refuse(key, "'" + text + "' has no port", "write it as in ':8787'");
      return;
    }
    int number = Integer.parseInt(port);
    put("dashboard", number == 0 ? (Object) true : number);
  }

  private void scheduler(String key, String value) {
    if (value.equals("distributed")) {
      return;
    }
    if (ONE_BY_ONE.contains(value)) {
      refuse(
          key,
          "Muster runs tasks in workers",
          "write backend: local and one pool with workers: 1 for one task at a time");
    } else {
      notes.warn(
          path + "." + key,
          "Muster runs tasks in workers, each a process: scheduler: " + value + " changes nothing",
          null);
    }
  }

  private void schedulerOptions(String key, Object value) {
    if (!(value instanceof Map<?, ?> options)) {
      refuse(key, "it is no mapping", "write for example {host: fqdn}");
      return;
    }
    options.forEach((name, option) -> {
      String inside = key + "." + name;
      if (option == null) {
        return;
      }
      switch (String.valueOf(name)) {
        case "host" -> {
          if (!option.equals("fqdn")) { // the address of this host is Muster's default
            put("host", option);
          }
        }
        case "dashboard_address" -> dashboard(inside, option);
        case "port" -> put("scheduler_port", option);
        case "protocol" -> protocol(inside, String.valueOf(option));
        case "interface" -> refuse(inside, "Muster's scheduler listens on an address", HOST);
        default ->
          notes.warn(
              path + "." + inside,
              "neither FAST-HEP nor Muster knows '" + name + "': it changes nothing",
              null);
      }
    });
  }

  private void protocol(String key, String value) {
    if (!value.equals("tls")) { // which Muster's scheduler has anyway
      refuse(
          key,
          "Muster's scheduler speaks tls",
          "write protocol: tls, or security: none beside scheduler_options for connections that are not encrypted");
    }
  }

  /** FAST-HEP's workers may have a second process that starts them again. */
  private void nanny(Object value) {
    if (Boolean.TRUE.equals(value)) {
      notes.warn(
          path + ".nanny",
          "Muster's workers have no nanny: a worker that dies is replaced by another job, so nanny: true changes nothing",
          null);
    } else if (!Boolean.FALSE.equals(value)) {
      refuse("nanny", "it is neither true nor false", "write false");
    }
  }

  private static final String HOST =
      "write scheduler_options: {host: NAME_OR_ADDRESS} in the workflow, which replaces a profile's";

  /**
   * Takes up directives for the jobs; those of the site lie below those of the workflow, which FAST-HEP's HTCondor has
   * as a mapping too.
   */
  private void directives(String key, Object value) {
    Object other = config.get(DIRECTIVES);
    if (value instanceof Map<?, ?> named) {
      value = withoutName(key, named);
    }
    if (other == null && (value instanceof Map<?, ?> || key.equals(DIRECTIVES))) {
      config.put(DIRECTIVES, value);
      return;
    }
    if (!(value instanceof Map<?, ?> given) || !(other instanceof Map<?, ?> before)) {
      refuse(
          key,
          "job_extra_directives and site_directives are not both mappings",
          "write NAME: VALUE");
      return;
    }
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    Map<?, ?> own = key.equals(DIRECTIVES) ? given : before;
    Map<?, ?> site = key.equals(DIRECTIVES) ? before : given;
    site.forEach((name, directive) -> all.put(String.valueOf(name), directive));
    own.forEach((name, directive) -> all.put(String.valueOf(name), directive));
    config.put(DIRECTIVES, all);
  }

  /** Leaves out the name of the jobs' batch: it is Muster's, which finds its jobs by it. */
  private Map<?, ?> withoutName(String key, Map<?, ?> directives) {
    Map<Object, @Nullable Object> rest = new LinkedHashMap<>(directives);
    boolean named =
        rest.keySet().removeIf(name -> BATCH_NAME.matcher(String.valueOf(name)).matches());
    if (named) {
      notes.warn(
          path + "." + key,
          "Muster names the batch of its jobs itself: JobBatchName changes nothing",
          null);
    }
    return rest;
  }

  private @Nullable Integer count(String key, Object value) {
    String text = String.valueOf(value);
    if (text.matches("[1-9]\\d{0,6}")) {
      return Integer.valueOf(text);
    }
    refuse(key, "it must be a whole number of 1 or more, and is " + text, "write one");
    return null;
  }

  private void refuse(String key, String reason, String instead) {
    String message = "Muster has no '" + key + "' of FAST-HEP: " + reason;
    if (read) {
      notes.refuse(path + "." + key, message, instead);
    } else {
      notes.warn(path + "." + key, message + "; it changes nothing here", null);
    }
  }
}
