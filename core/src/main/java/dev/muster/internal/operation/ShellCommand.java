package dev.muster.internal.operation;

import dev.muster.code.Command;
import dev.muster.code.Command.Capture;
import dev.muster.code.Template;
import dev.muster.code.Template.Literal;
import dev.muster.code.Template.Part;
import dev.muster.code.Template.Slot;
import dev.muster.error.Suggestions;
import dev.muster.run.TaskException;
import dev.muster.workflow.WorkflowParams;
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
  private static final String STDIN = "stdin";
  private static final List<String> NAMES =
      List.of("command", "cwd", "variables", "stdin", "outputs", "capture", "shell");

  private static final Template NOTHING = new Template(List.of()); // of what is wrong

  private final Map<String, @Nullable Object> given;
  private final Params params;
  private final WorkflowParams workflow;
  private final Set<String> used = new LinkedHashSet<>();

  private ShellCommand(Map<String, @Nullable Object> given, WorkflowParams workflow) {
    this.given = given;
    this.workflow = workflow;
    this.params = new Params(given);
  }

  /**
   * Reads the parameters of a stage.
   *
   * @param workflow the parameters of its workflow
   * @throws IllegalArgumentException if one is missing, unknown or wrong; a {@link Params.Wrong} if several are
   */
  static Command parse(Map<String, @Nullable Object> params, WorkflowParams workflow) {
    return new ShellCommand(params, workflow).parse();
  }

  private Command parse() {
    Object command = params.take("command");
    Map<String, String> outputs = texts("outputs");
    Capture capture = params.attempt(() -> capture(params.text("capture"), outputs.isEmpty()));
    Interpreter interpreter =
        params.attempt(() -> interpreter(params.text("shell"), command instanceof List<?>));
    Template script = command instanceof String text && interpreter != null
        ? params.attempt(() -> script(text, interpreter))
        : null;
    List<Template> argv = command instanceof List<?> items ? argv(items) : List.of();
    if (command != null && !(command instanceof String) && argv.isEmpty()) {
      params.attempt(() -> {
        throw Params.wrong("command", "a text or a list that is not empty", command);
      });
    }
    Template cwd = optional("cwd");
    Map<String, Template> variables = templates("variables", texts("variables"));
    Template stdin = optional(STDIN);
    Map<String, Template> files = templates("outputs", outputs);
    checkNames(command == null);
    params.throwIfWrong();
    return new Command(
        script == null || interpreter == null ? List.of() : interpreter.words(),
        script,
        argv,
        cwd,
        variables,
        stdin,
        files,
        capture == null ? Capture.TEXT : capture);
  }

  /** Refuses parameters that nothing knows and nothing uses, and misses the command. */
  private void checkNames(boolean missing) {
    boolean unsure = missing || params.isWrong(); // what could not be read may use others
    boolean misspelt = false;
    for (String name : params.rest().keySet()) {
      String nearest = Suggestions.nearest(name, NAMES);
      if (!used.contains(name) && (nearest != null || !unsure)) {
        misspelt |= "command".equals(nearest);
        params.attempt(() -> {
          throw new IllegalArgumentException("shell has no parameter '" + name
              + "', and no placeholder {params." + name + "} uses it; "
              + (nearest == null
                  ? "known: " + String.join(", ", NAMES)
                  : "did you mean '" + nearest + "'?"));
        });
      }
    }
    if (missing && !misspelt) {
      params.attempt(() -> {
        throw new IllegalArgumentException(
            "shell needs the parameter 'command': a text for sh, or a list for a program without a shell");
      });
    }
  }

  private static Interpreter interpreter(@Nullable String shell, boolean list) {
    if (shell != null && list) {
      throw new IllegalArgumentException(
          "the parameter 'shell' is for a command that is a text; a list needs no shell");
    }
    return Interpreter.of(shell);
  }

  private Template script(String text, Interpreter interpreter) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("the parameter 'command' is empty");
    }
    ParamText command = new ParamText("command", text);
    command.check(params::wrong);
    if (!interpreter.posix()) {
      interpreter.check(command, params::wrong);
      return new Template(List.of(new Literal(text)));
    }
    Misspelt.check(command, params::wrong);
    return resolved(command, ShellParser.parse(command, params::wrong));
  }

  private List<Template> argv(List<?> items) {
    List<Template> argv = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      String name = "command[" + i + "]";
      Object item = items.get(i);
      Template made = params.attempt(() -> text(new ParamText(name, Params.scalar(name, item))));
      argv.add(made == null ? NOTHING : made);
    }
    return argv;
  }

  private Map<String, String> texts(String name) {
    Map<String, String> texts = params.attempt(() -> params.texts(name));
    return texts == null ? Map.of() : texts;
  }

  private Map<String, Template> templates(String name, Map<String, String> texts) {
    Map<String, Template> templates = new LinkedHashMap<>();
    texts.forEach((key, text) -> templates.put(key, text(new ParamText(name + "." + key, text))));
    return templates;
  }

  private @Nullable Template optional(String name) {
    String text = params.attempt(() -> params.text(name));
    return text == null ? null : text(new ParamText(name, text));
  }

  private Template text(ParamText text) {
    if (!text.parameter().equals(STDIN)) { // which is a file
      text.check(params::wrong);
    }
    Misspelt.check(text, params::wrong);
    return resolved(text, Placeholder.template(text.text()));
  }

  /**
   * Fills in the words of parameters, which are the same for all tasks.
   *
   * @param template the text compiled, with a slot for each placeholder
   */
  private Template resolved(ParamText text, Template template) {
    List<@Nullable List<String>> words = new ArrayList<>();
    for (Placeholder.Found each : text.placeholders()) {
      words.add(
          switch (each.kind()) {
            case "params" -> words(text, each);
            case "param" -> workflowWords(text, each);
            default -> null;
          });
    }
    List<Part> parts = new ArrayList<>();
    int slots = 0;
    for (Part part : template.parts()) {
      List<String> known = part instanceof Slot ? words.get(slots++) : null;
      if (part instanceof Slot slot && known != null) {
        String why = ShellScript.wrong(slot, known);
        if (!why.isEmpty()) {
          params.wrong(text.wrong(text.placeholders().get(slots - 1), why));
        }
        parts.add(new Slot(
            slot.text(), slot.kind(), slot.name(), known, slot.take(), slot.open(), slot.close()));
      } else {
        parts.add(part);
      }
    }
    return new Template(parts);
  }

  private @Nullable List<String> words(ParamText text, Placeholder.Found placeholder) {
    String name = Objects.requireNonNull(placeholder.name());
    String place = placeholder.text() + " in " + text.whole(placeholder.start());
    String found = Names.longest(name, given.keySet());
    if (found == null) {
      params.wrong(text.wrong("there is no parameter for " + place + "; "
          + Suggestions.didYouMean(name, new TreeSet<>(given.keySet()))));
      return null;
    }
    used.add(found);
    try {
      Object value = Words.inside(given.get(found), name.substring(found.length()), place);
      return Words.of(value, place);
    } catch (TaskException e) {
      params.wrong(new Misplaced(text.parameter(), String.valueOf(e.getMessage()), e));
      return null;
    }
  }

  private @Nullable List<String> workflowWords(ParamText text, Placeholder.Found placeholder) {
    try {
      Object value = workflow.value(Objects.requireNonNull(placeholder.name()));
      return Words.of(value, placeholder.text() + " in " + text.whole(placeholder.start()));
    } catch (IllegalArgumentException e) {
      params.wrong(text.wrong("the placeholder " + placeholder.text() + " in "
          + text.whole(placeholder.start()) + " has no value: " + e.getMessage()
          + (Names.longest(String.valueOf(placeholder.name()), given.keySet()) == null
              ? ""
              : "; the stage's own parameter is {params." + placeholder.name() + "}")));
    } catch (TaskException e) {
      params.wrong(new Misplaced(text.parameter(), String.valueOf(e.getMessage()), e));
    }
    return null;
  }

  private static Capture capture(@Nullable String name, boolean noOutputs) {
    if (name == null) {
      return noOutputs ? Capture.TEXT : Capture.NONE;
    }
    for (Capture capture : Capture.values()) {
      if (capture.name().toLowerCase(Locale.ROOT).equals(name)) {
        return capture;
      }
    }
    throw new IllegalArgumentException(
        "the parameter 'capture' must be text, lines, json or none, got '" + name + "'");
  }
}
