package dev.muster.internal.operation;

import dev.muster.code.Command;
import dev.muster.code.Command.Capture;
import dev.muster.code.Template;
import dev.muster.code.Template.Literal;
import dev.muster.code.Template.Part;
import dev.muster.code.Template.Slot;
import dev.muster.error.Suggestions;
import dev.muster.run.TaskException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads and checks the parameters of a {@code shell} stage, and compiles its texts. Not thread-safe. */
final class ShellCommand {
  private static final List<String> NAMES =
      List.of("command", "cwd", "variables", "stdin", "outputs", "capture", "shell");

  private final Map<String, @Nullable Object> given;
  private final Set<String> used = new LinkedHashSet<>();

  private ShellCommand(Map<String, @Nullable Object> given) {
    this.given = given;
  }

  /**
   * Reads the parameters of a stage.
   *
   * @throws IllegalArgumentException if one is missing, unknown or wrong
   */
  static Command parse(Map<String, @Nullable Object> params) {
    return new ShellCommand(params).parse();
  }

  private Command parse() {
    Params params = new Params(given);
    Object command = params.take("command");
    Map<String, String> outputs = params.texts("outputs");
    String capture = params.text("capture");
    String shell = params.text("shell");
    if (shell != null && command instanceof List<?>) {
      throw new IllegalArgumentException(
          "the parameter 'shell' is for a command that is a text; a list needs no shell");
    }
    Interpreter interpreter = Interpreter.of(shell);
    Template script = command instanceof String text ? script(text, interpreter) : null;
    List<Template> argv = command instanceof List<?> items ? argv(items) : List.of();
    Command made = new Command(
        script == null ? List.of() : interpreter.words(),
        script,
        argv,
        optional(params.text("cwd")),
        texts(params.texts("variables")),
        optional(params.text("stdin")),
        texts(outputs),
        capture == null ? (outputs.isEmpty() ? Capture.TEXT : Capture.NONE) : capture(capture));
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
    if (script == null && argv.isEmpty()) {
      throw Params.wrong("command", "a text or a list that is not empty", command);
    }
    return made;
  }

  private Template script(String text, Interpreter interpreter) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("the parameter 'command' is empty");
    }
    if (!interpreter.posix()) {
      interpreter.check(text);
      return new Template(List.of(new Literal(text)));
    }
    Misspelt.check(text);
    Template template = resolved(ShellParser.parse(text));
    for (Slot slot : template.slots()) {
      String wrong = slot.words() == null ? "" : ShellScript.wrong(slot, slot.words());
      if (!wrong.isEmpty()) {
        throw new IllegalArgumentException("the placeholder " + wrong);
      }
    }
    return template;
  }

  private List<Template> argv(List<?> items) {
    List<Template> argv = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      argv.add(text(Params.scalar("command[" + i + "]", items.get(i))));
    }
    return argv;
  }

  private Map<String, Template> texts(Map<String, String> texts) {
    Map<String, Template> templates = new LinkedHashMap<>();
    texts.forEach((name, text) -> templates.put(name, text(text)));
    return templates;
  }

  private @Nullable Template optional(@Nullable String text) {
    return text == null ? null : text(text);
  }

  private Template text(String text) {
    Misspelt.check(text);
    return resolved(Placeholder.template(text));
  }

  // Parameters are the same for all tasks, so their words are known.
  private Template resolved(Template template) {
    List<Part> parts = new ArrayList<>();
    for (Part part : template.parts()) {
      parts.add(part instanceof Slot slot && slot.kind().equals("params") ? resolved(slot) : part);
    }
    return new Template(parts);
  }

  private Slot resolved(Slot slot) {
    String name = Objects.requireNonNull(slot.name());
    String found = Names.longest(name, given.keySet());
    if (found == null) {
      throw new IllegalArgumentException("there is no parameter for " + slot.text() + "; "
          + Suggestions.didYouMean(name, new TreeSet<>(given.keySet())));
    }
    used.add(found);
    try {
      Object value = Words.inside(given.get(found), name.substring(found.length()), slot.text());
      return new Slot(
          slot.text(),
          slot.kind(),
          slot.name(),
          Words.of(value, slot.text()),
          slot.take(),
          slot.open(),
          slot.close());
    } catch (TaskException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
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
}
