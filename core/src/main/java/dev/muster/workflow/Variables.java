package dev.muster.workflow;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The environment variables of a stage: given one by one, or by the path of a {@code .env} file.
 *
 * <p>Source: {@code variables} of FAST-HEP's stage environments. Immutable and thread-safe.
 *
 * @since 0.1
 */
public sealed interface Variables {
  /**
   * Variables given one by one.
   *
   * @param values name to value, in order
   */
  record Values(Map<String, String> values) implements Variables {
    /**
     * Creates them.
     *
     * @throws IllegalArgumentException if a name is empty or has {@code =}, or one or a value has a NUL character: no
     *     process can be given such; the message has no value
     */
    public Values {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
      values.forEach((name, value) -> {
        if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
          throw new IllegalArgumentException(
              "the name of a variable must not be empty, nor have '=' or a NUL character");
        }
        if (value.indexOf('\0') >= 0) {
          throw new IllegalArgumentException("the value of the variable " + name
              + " has a NUL character, which ends a text in every process");
        }
      });
    }

    /** Returns the names: values may be secrets. */
    @Override
    public String toString() {
      return "Values" + values.keySet();
    }
  }

  /**
   * A file of {@code VARIABLE=VALUE} lines, read when the run starts.
   *
   * @param path the file; a relative path is taken from the workflow file's folder
   */
  record EnvFile(Path path) implements Variables {}

  /** Returns no variables. */
  static Variables none() {
    return new Values(Map.of());
  }
}
