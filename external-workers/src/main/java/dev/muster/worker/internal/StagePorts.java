package dev.muster.worker.internal;

import dev.muster.error.Suggestions;
import dev.muster.workflow.Stage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ports of a stage that is the call of a worker. Immutable and thread-safe.
 *
 * @param constants the inputs that the stage itself has, by port
 * @param outputs the outputs that are wanted, and as what
 */
record StagePorts(Map<String, @Nullable Object> constants, Map<String, Form> outputs) {
  private static final String INPUTS = "inputs";
  private static final String OUTPUTS = "outputs";
  private static final String VALUE = "value";

  /** As what an output is passed on. */
  enum Form {
    /** A file as it is. */
    FILE,
    /** The value of its JSON text. */
    JSON,
    /** Its text. */
    TEXT,
    /** Its bytes. */
    BYTES;

    static @Nullable Form of(@Nullable Object name) {
      for (Form form : values()) {
        if (form.name().toLowerCase(Locale.ROOT).equals(name)) {
          return form;
        }
      }
      return null;
    }
  }

  /**
   * Reads those of a stage.
   *
   * @param read the outputs that other stages read by name
   * @throws IllegalArgumentException if they are wrong; names the parameter in single quotes
   */
  static StagePorts of(Stage stage, List<String> read) {
    for (String name : stage.params().keySet()) {
      if (!name.equals(INPUTS) && !name.equals(OUTPUTS)) {
        String near = Suggestions.didYouMean(name, Set.of(INPUTS, OUTPUTS));
        throw new IllegalArgumentException("a call of an external worker has no parameter '" + name
            + "'" + (near == null ? "; values for its ports go into inputs" : "; " + near));
      }
    }
    Map<String, @Nullable Object> constants = new LinkedHashMap<>();
    Object inputs = stage.params().get(INPUTS);
    if (inputs != null && !(inputs instanceof Map)) {
      throw new IllegalArgumentException("'inputs' must be a mapping from ports to values");
    }
    if (inputs instanceof Map<?, ?> map) {
      map.forEach((port, value) -> constants.put(checked(INPUTS, String.valueOf(port)), value));
    }
    if (stage.from() != null) {
      stage.from().forEach(input -> {
        if (constants.containsKey(checked("from", input.name()))) {
          throw new IllegalArgumentException("the port '" + input.name()
              + "' has a value in 'inputs' and another one in from; leave one of them out");
        }
      });
    }
    return new StagePorts(constants, outputs(stage.params().get(OUTPUTS), read));
  }

  private static Map<String, Form> outputs(@Nullable Object given, List<String> read) {
    Map<String, Form> outputs = new LinkedHashMap<>();
    if (given == null) {
      (read.isEmpty() ? List.of(VALUE) : read)
          .forEach(port -> outputs.put(checked(OUTPUTS, port), Form.FILE));
      return outputs;
    }
    if (given instanceof Map<?, ?> map) {
      map.forEach((port, name) -> {
        Form form = Form.of(name);
        if (form == null) {
          throw new IllegalArgumentException(
              "in 'outputs', " + port + " must be file, json, text or bytes, got " + name);
        }
        outputs.put(checked(OUTPUTS, String.valueOf(port)), form);
      });
    } else {
      for (Object port : given instanceof List<?> list ? list : List.of(given)) {
        if (!(port instanceof String name)) {
          throw new IllegalArgumentException(
              "'outputs' must be a list of ports, or a mapping from ports to file, json, text or bytes");
        }
        outputs.put(checked(OUTPUTS, name), Form.FILE);
      }
    }
    for (String port : read) {
      if (!outputs.containsKey(port)) {
        throw new IllegalArgumentException("'outputs' has no '" + port
            + "', which another stage reads; it has " + outputs.keySet());
      }
    }
    return outputs;
  }

  /** Checks that a port can be the name of a file. */
  static String checked(String where, String port) {
    if (port.isEmpty()
        || port.startsWith(".")
        || port.indexOf('/') >= 0
        || port.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "in '" + where + "', '" + port + "' cannot be a port: it is the name of a file");
    }
    return port;
  }
}
