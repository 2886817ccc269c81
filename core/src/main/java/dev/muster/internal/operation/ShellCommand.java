package dev.muster.internal.operation;

import dev.muster.error.Suggestions;
import dev.muster.spi.OperationSetup;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a {@code shell} stage, checked. Immutable and thread-safe.
 *
 * @param script the command for a shell, or null if there is an argv
 * @param argv the program and its arguments, with placeholders; empty if there is a script
 * @param cwd where it runs, with placeholders, or null for the task's folder
 * @param variables more environment variables, with placeholders
 * @param stdin what it reads, with placeholders, or null for nothing
 * @param outputs output name to file, with placeholders
 * @param capture what becomes of its standard output
 * @param interpreter what runs the script
 */
record ShellCommand(
    @Nullable ShellScript script,
    List<String> argv,
    @Nullable String cwd,
    Map<String, String> variables,
    @Nullable String stdin,
    Map<String, String> outputs,
    Capture capture,
    Interpreter interpreter) {
  private static final List<String> NAMES =
      List.of("command", "cwd", "variables", "stdin", "outputs", "capture", "shell");

  /** What becomes of the standard output of a command. */
  enum Capture {
    /** It is the output, as one text without line breaks at the end. */
    TEXT,
    /** It is the output, as a list of lines. */
    LINES,
    /** It is the output, read as JSON. */
    JSON,
    /** It is kept in the log only. */
    NONE
  }

  /** Says nothing of the variables' values: they may be secrets. */
  @Override
  public String toString() {
    return "ShellCommand[" + (script == null ? argv : script) + ", variables " + variables.keySet()
        + "]";
  }

  /**
   * Reads the parameters of a stage.
   *
   * @throws IllegalArgumentException if one is missing, unknown or wrong
   */
  static ShellCommand parse(OperationSetup setup) {
    Params params = new Params(setup.stage().params());
    Object command = params.take("command");
    Map<String, String> outputs = params.texts("outputs");
    String capture = params.text("capture");
    String interpreter = params.text("shell");
    if (interpreter != null && command instanceof List<?>) {
      throw new IllegalArgumentException(
          "the parameter 'shell' is for a command that is a text; a list needs no shell");
    }
    ShellCommand shell = new ShellCommand(
        command instanceof String text ? script(text) : null,
        command instanceof List<?> items ? argv(items) : List.of(),
        params.text("cwd"),
        params.texts("variables"),
        params.text("stdin"),
        outputs,
        capture == null ? (outputs.isEmpty() ? Capture.TEXT : Capture.NONE) : capture(capture),
        Interpreter.of(interpreter));
    if (command instanceof String text) {
      shell.interpreter.check(text);
    }
    Misspelt.check(shell.texts(command instanceof String text ? text : null));
    Set<String> given = setup.stage().params().keySet();
    Set<String> used = shell.check(given);
    for (String name : params.rest().keySet()) {
      if (!used.contains(name)) {
        String nearest = Suggestions.nearest(name, NAMES);
        throw new IllegalArgumentException("shell has no parameter '" + name
            + "', and no placeholder {params." + name + "} uses it; "
            + (nearest == null
                ? "known: " + String.join(", ", NAMES)
                : "did you mean '" + nearest + "'?"));
      }
    }
    if (command == null) {
      throw new IllegalArgumentException(
          "shell needs the parameter 'command': a text for sh, or a list for a program without a shell");
    }
    if (shell.script == null && shell.argv.isEmpty()) {
      throw Params.wrong("command", "a text or a list that is not empty", command);
    }
    return shell;
  }

  private static ShellScript script(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("the parameter 'command' is empty");
    }
    return ShellScript.parse(text);
  }

  private static List<String> argv(List<?> items) {
    List<String> argv = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      argv.add(Params.scalar("command[" + i + "]", items.get(i)));
    }
    return List.copyOf(argv);
  }

  private static Capture capture(String name) {
    for (Capture capture : Capture.values()) {
      if (capture.name().toLowerCase(Locale.ROOT).equals(name)) {
        return capture;
      }
    }
    throw new IllegalArgumentException(
        "the parameter 'capture' must be text, lines, json or none, got '" + name + "'");
  }

  // Returns the parameters that placeholders use, after a check that there are such.
  private Set<String> check(Set<String> given) {
    Set<String> used = new LinkedHashSet<>();
    for (Placeholder placeholder : placeholders()) {
      String name = placeholder.name();
      if (!placeholder.kind().equals("params") || name == null) {
        continue;
      }
      String found = Names.longest(name, given);
      if (found == null) {
        String nearest = Suggestions.didYouMean(name, new TreeSet<>(given));
        throw new IllegalArgumentException(
            "there is no parameter for " + placeholder.text() + "; " + nearest);
      }
      used.add(found);
    }
    return used;
  }

  private List<Placeholder> placeholders() {
    List<Placeholder> all = new ArrayList<>(script == null ? List.of() : script.placeholders());
    for (String text : texts(null)) {
      Matcher match = Placeholder.matcher(text);
      while (match.find()) {
        all.add(Placeholder.of(match));
      }
    }
    return all;
  }

  private List<String> texts(@Nullable String command) {
    List<String> texts = new ArrayList<>(argv);
    if (command != null) {
      texts.add(command);
    }
    texts.addAll(variables.values());
    texts.addAll(outputs.values());
    if (cwd != null) {
      texts.add(cwd);
    }
    if (stdin != null) {
      texts.add(stdin);
    }
    return texts;
  }
}
