package dev.muster.worker;

import dev.muster.error.MusterException;
import dev.muster.error.Suggestions;
import dev.muster.value.JsonValues;
import dev.muster.value.ValueException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a worker is asked to do: the content of the file {@code definition}, whose path is its first argument.
 *
 * <p>Paths are as the file has them: relative ones are taken from the folder that the variable {@code TKR_DIR} names.
 * Source: the {@code WorkerCallArgs} of Tierkreis 2.0 and 2.1. Immutable and thread-safe.
 *
 * @param functionName the task, without its worker's name; not blank
 * @param inputs for each input port the file with its value, in the order of the call
 * @param outputs for each output that is wanted the file to write, in the order of the call
 * @param outputDir the folder of the outputs, which is there
 * @param donePath the file whose presence says that all outputs are written
 * @param errorPath the file whose presence says that the worker failed; in contract 2 the log that says why
 * @param logsPath the file for lines of progress, or null for none
 * @since 0.1
 */
public record WorkerCall(
    String functionName,
    Map<String, String> inputs,
    Map<String, String> outputs,
    String outputDir,
    String donePath,
    String errorPath,
    @Nullable String logsPath) {
  private static final String FUNCTION = "function_name";
  private static final String INPUTS = "inputs";
  private static final String OUTPUTS = "outputs";
  private static final String OUTPUT_DIR = "output_dir";
  private static final String DONE = "done_path";
  private static final String ERROR = "error_path";
  private static final String LOGS = "logs_path";
  private static final Set<String> FIELDS =
      Set.of(FUNCTION, INPUTS, OUTPUTS, OUTPUT_DIR, DONE, ERROR, LOGS);

  public WorkerCall {
    if (functionName.isBlank()) {
      throw new IllegalArgumentException("a call needs the name of a function");
    }
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }

  /** Returns the text of the file: JSON without spaces and line breaks, its fields in the order of this record. */
  public String json() {
    StringBuilder json = new StringBuilder(512);
    field(json.append('{'), FUNCTION, functionName);
    ports(json.append(','), INPUTS, inputs);
    ports(json.append(','), OUTPUTS, outputs);
    field(json.append(','), OUTPUT_DIR, outputDir);
    field(json.append(','), DONE, donePath);
    field(json.append(','), ERROR, errorPath);
    field(json.append(','), LOGS, logsPath);
    return json.append('}').toString();
  }

  private static void ports(StringBuilder json, String name, Map<String, String> paths) {
    quote(json, name);
    json.append(":{");
    int first = json.length();
    paths.forEach((port, path) -> {
      if (json.length() > first) {
        json.append(',');
      }
      field(json, port, path);
    });
    json.append('}');
  }

  private static void field(StringBuilder json, String name, @Nullable String value) {
    quote(json, name);
    json.append(':');
    if (value == null) {
      json.append("null");
    } else {
      quote(json, value);
    }
  }

  // Most texts are plain, and of a thousand calls nothing else takes as long as to make a writer
  // for each.
  private static void quote(StringBuilder json, String text) {
    boolean plain = text.chars().noneMatch(c -> c < ' ' || c == '"' || c == '\\' || c > '~');
    if (plain) {
      json.append('"').append(text).append('"');
    } else {
      json.append(JsonValues.text(text, "the call"));
    }
  }

  /**
   * Reads the file of a call.
   *
   * @throws MusterException if it cannot be read or is no call; says what is wrong with which field
   */
  public static WorkerCall read(Path file) {
    try {
      return parse(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new MusterException(
          "the call " + file + " cannot be read: "
              + (Files.exists(file) ? e : "there is no such file"),
          e);
    } catch (IllegalArgumentException | ValueException e) {
      throw new MusterException(file + " is not the call of a worker: " + e.getMessage(), e);
    }
  }

  /**
   * Reads the text of a call.
   *
   * @param json UTF-8 bytes
   * @throws IllegalArgumentException if a field is missing, unknown or of another type
   * @throws ValueException if it is not JSON
   */
  public static WorkerCall parse(byte[] json) {
    if (!(JsonValues.parse(json) instanceof Map<?, ?> fields)) {
      throw new IllegalArgumentException("it is no JSON object");
    }
    for (Object key : fields.keySet()) {
      String name = String.valueOf(key);
      if (!FIELDS.contains(name)) {
        String near = Suggestions.didYouMean(name, FIELDS);
        throw new IllegalArgumentException(
            "it has the field '" + name + "', which no contract up to"
                + " that of Tierkreis 2.1 knows" + (near == null ? "" : "; " + near));
      }
    }
    return new WorkerCall(
        text(fields, FUNCTION),
        paths(fields, INPUTS),
        paths(fields, OUTPUTS),
        text(fields, OUTPUT_DIR),
        text(fields, DONE),
        text(fields, ERROR),
        fields.get(LOGS) == null ? null : text(fields, LOGS));
  }

  private static String text(Map<?, ?> fields, String name) {
    return text(fields.get(name), "'" + name + "'");
  }

  private static String text(@Nullable Object value, String what) {
    if (!(value instanceof String text) || text.isBlank()) {
      throw new IllegalArgumentException(what
          + (value == null ? " is missing" : " must be a text that is not blank, got " + value));
    }
    return text;
  }

  private static Map<String, String> paths(Map<?, ?> fields, String name) {
    if (!(fields.get(name) instanceof Map<?, ?> ports)) {
      throw new IllegalArgumentException("'" + name + "' must be a mapping from ports to paths"
          + (fields.get(name) == null ? ", and is missing" : ", got " + fields.get(name)));
    }
    Map<String, String> paths = new LinkedHashMap<>();
    ports.forEach(
        (port, path) -> paths.put(String.valueOf(port), text(path, "'" + name + "." + port + "'")));
    return paths;
  }

  /**
   * Returns the folder that the relative paths of a call are taken from, as the place of its file implies it: the file
   * lies beside {@link #donePath}.
   *
   * @param file the file of the call
   * @throws MusterException if it lies elsewhere; says where it should
   */
  public Path directory(Path file) {
    Path node = file.toAbsolutePath().normalize().getParent();
    Path done = Path.of(donePath).normalize();
    if (node == null) {
      throw new MusterException(file + " is no file", null);
    }
    if (done.isAbsolute()) {
      return node; // of a call whose paths are all absolute none is used
    }
    Path own = done.getParent();
    if (own == null || own.toString().isEmpty()) {
      return node;
    }
    if (!node.endsWith(own)) {
      throw new MusterException("the call " + file + " has the relative done_path " + donePath
          + ", and does not lie in a folder " + own
          + "; set TKR_DIR to the folder that its paths are relative to");
    }
    Path base = node;
    for (int i = 0; i < own.getNameCount() && base != null; i++) {
      base = base.getParent();
    }
    return base == null ? node : base;
  }

  /** Returns the text of a call as UTF-8 bytes; see {@link #json()}. */
  public byte[] bytes() {
    return json().getBytes(StandardCharsets.UTF_8);
  }
}
