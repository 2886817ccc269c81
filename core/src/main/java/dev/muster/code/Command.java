package dev.muster.code;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command, compiled: what fills its templates can carry it out, and needs to know no shell. Immutable and
 * thread-safe.
 *
 * @param interpreter the words that come before the text, for example {@code /bin/sh} and {@code -c}; empty where there
 * is no text
 * @param script the text for the interpreter, or null if there is an argv
 * @param argv the program and its arguments; empty if there is a script
 * @param cwd where it runs, relative to the workflow's folder, or null for the task's folder
 * @param variables more environment variables
 * @param stdin what it reads, or null for nothing
 * @param outputs output name to file, relative to the task's folder
 * @param capture what becomes of its standard output
 * @since 0.1
 */
public record Command(
    List<String> interpreter,
    @Nullable Template script,
    List<Template> argv,
    @Nullable Template cwd,
    Map<String, Template> variables,
    @Nullable Template stdin,
    Map<String, Template> outputs,
    Capture capture) {
  public Command {
    interpreter = List.copyOf(interpreter);
    argv = List.copyOf(argv);
    variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }

  /** What becomes of the standard output of a command. */
  public enum Capture {
    /** It is the output, as one text without line breaks at the end. */
    TEXT,
    /** It is the output, as a list of lines. */
    LINES,
    /** It is the output, read as JSON. */
    JSON,
    /** It is kept in the log only. */
    NONE
  }

  /** Returns it as JSON has it; a worker needs nothing else to carry it out. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("interpreter", interpreter);
    json.put("script", script == null ? null : script.json());
    json.put("argv", argv.stream().map(Template::json).toList());
    json.put("cwd", cwd == null ? null : cwd.json());
    json.put("variables", json(variables));
    json.put("stdin", stdin == null ? null : stdin.json());
    json.put("outputs", json(outputs));
    json.put("capture", capture.name().toLowerCase(Locale.ROOT));
    return json;
  }

  private static Map<String, Object> json(Map<String, Template> templates) {
    Map<String, Object> json = new LinkedHashMap<>();
    templates.forEach((name, template) -> json.put(name, template.json()));
    return json;
  }

  /** Says nothing of the variables' values: they may be secrets. */
  @Override
  public String toString() {
    return "Command[" + (script == null ? argv : script) + ", variables " + variables.keySet()
        + "]";
  }
}
