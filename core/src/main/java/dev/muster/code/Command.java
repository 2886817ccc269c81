package dev.muster.code;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
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
    variables = ImmutableMap.copyOf(variables);
    outputs = ImmutableMap.copyOf(outputs);
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

  /**
   * Tells whether it names the data files of its task: with {@code {files}} or {@code {files_list}}, or the variables
   * {@code MUSTER_FILES} and {@code MUSTER_FILES_LIST}. What a program reads by itself is not known.
   */
  public boolean takesFiles() {
    return templates().flatMap(each -> each.parts().stream()).anyMatch(Command::takesFiles);
  }

  private static boolean takesFiles(Template.Part part) {
    if (part instanceof Template.Slot slot) {
      return slot.kind().equals("files")
          || slot.kind().equals("files_list")
          || (slot.words() != null && slot.words().stream().anyMatch(Command::namesFiles));
    }
    return namesFiles(((Template.Literal) part).text());
  }

  private static boolean namesFiles(String text) {
    return text.contains("MUSTER_FILES");
  }

  private Stream<Template> templates() {
    return Stream.of(
            Stream.ofNullable(script),
            argv.stream(),
            Stream.ofNullable(cwd),
            variables.values().stream(),
            Stream.ofNullable(stdin),
            outputs.values().stream())
        .flatMap(each -> each);
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
