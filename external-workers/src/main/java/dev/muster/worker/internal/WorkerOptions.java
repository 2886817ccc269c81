package dev.muster.worker.internal;

import dev.muster.error.WorkflowException;
import dev.muster.internal.process.SystemText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options of an executor. Immutable and thread-safe.
 *
 * @param registry where launchers are looked for
 * @param contract what the {@code error_path} of a call is
 * @param exitStatus whether exit code 0 with every output counts as done without the flag
 * @param exportValues whether programs get the values of inputs as variables
 * @param uv the program {@code uv}: a name on PATH or a path
 * @param env more environment variables of workers
 */
record WorkerOptions(
    Registry registry,
    CallPlace.Contract contract,
    boolean exitStatus,
    boolean exportValues,
    String uv,
    Map<String, String> env) {
  private static final String REGISTRY = "registry";
  private static final String CONTRACT = "contract";
  private static final String EXIT_STATUS = "exit_status";
  private static final String EXPORT_VALUES = "export_values";
  private static final String UV = "uv";
  private static final String ENV = "env";

  /** The names of all options. */
  static final Set<String> NAMES = Set.of(REGISTRY, CONTRACT, EXIT_STATUS, EXPORT_VALUES, UV, ENV);

  /** Returns those of calls by hand. */
  static WorkerOptions of(List<Path> registries, CallPlace.Contract contract) {
    return new WorkerOptions(new Registry(registries), contract, false, false, "uv", Map.of());
  }

  /**
   * Reads options.
   *
   * @param path the path of the options, for messages
   * @param base what relative paths are taken from
   * @throws WorkflowException if one is wrong
   */
  static WorkerOptions read(
      Map<String, ? extends @Nullable Object> config, String path, Path base) {
    Reader in = new Reader(config, path);
    List<Path> folders = new ArrayList<>();
    in.texts(REGISTRY)
        .forEach(each -> folders.add(SystemText.resolve(base, each).normalize()));
    if (folders.isEmpty()) {
      folders.add(base);
    }
    Object contract = config.get(CONTRACT);
    String number = contract == null ? "1" : String.valueOf(contract);
    if (!number.equals("1") && !number.equals("2")) {
      throw in.wrong(CONTRACT, "1 (error_path is the flag) or 2 (it is the log)");
    }
    return new WorkerOptions(
        new Registry(folders),
        number.equals("1") ? CallPlace.Contract.FLAG : CallPlace.Contract.LOG,
        in.truth(EXIT_STATUS),
        in.truth(EXPORT_VALUES),
        in.text(UV, "uv"),
        in.mapping(ENV));
  }

  private record Reader(Map<String, ? extends @Nullable Object> config, String path) {
    WorkflowException wrong(String name, String wanted) {
      return new WorkflowException(
          path + "." + name,
          "'" + name + "' must be " + wanted + ", got " + config.get(name),
          null);
    }

    boolean truth(String name) {
      Object value = config.get(name);
      if (value != null && !(value instanceof Boolean)) {
        throw wrong(name, "true or false");
      }
      return Boolean.TRUE.equals(value);
    }

    String text(String name, String fallback) {
      Object value = config.get(name);
      if (value != null && (!(value instanceof String text) || text.isBlank())) {
        throw wrong(name, "a text");
      }
      return value == null ? fallback : (String) value;
    }

    List<String> texts(String name) {
      Object value = config.get(name);
      List<?> items =
          value == null ? List.of() : value instanceof List<?> list ? list : List.of(value);
      List<String> texts = new ArrayList<>();
      for (Object item : items) {
        if (!(item instanceof String text) || text.isBlank()) {
          throw wrong(name, "a folder or a list of folders");
        }
        texts.add(text);
      }
      return texts;
    }

    Map<String, String> mapping(String name) {
      Object value = config.get(name);
      if (value == null) {
        return Map.of();
      }
      if (!(value instanceof Map<?, ?> map)) {
        throw wrong(name, "a mapping from names to values");
      }
      Map<String, String> mapping = new LinkedHashMap<>();
      map.forEach((key, item) -> {
        String variable = String.valueOf(key);
        if (item == null || item instanceof List<?> || item instanceof Map<?, ?>) {
          throw new WorkflowException(
              path + "." + name + "." + variable,
              "the variable '" + variable + "' must have a text",
              null);
        }
        if (variable.isEmpty() || variable.indexOf('=') >= 0) {
          throw new WorkflowException(
              path + "." + name, "'" + variable + "' is no name of a variable", null);
        }
        mapping.put(variable, String.valueOf(item));
      });
      return mapping;
    }
  }
}
