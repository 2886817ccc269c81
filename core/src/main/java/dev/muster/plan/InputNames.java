package dev.muster.plan;

import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds inputs of a stage whose names differ, and do not where its code finds them. Thread-safe. */
final class InputNames {
  private static final Pattern NOT_IN_A_VARIABLE = Pattern.compile("[^A-Za-z0-9_]");
  private static final Pattern NOT_IN_PYTHON =
      Pattern.compile("\\W", Pattern.UNICODE_CHARACTER_CLASS);

  private InputNames() {}

  /**
   * Adds two inputs that a command would find in one variable, or a Python function in one argument, to the findings.
   *
   * @param explicit whether the stage itself names its inputs; else a Python function has only those that it asks for
   */
  static void check(
      Stage stage, Collection<StageInput> inputs, boolean explicit, Findings findings) {
    boolean shell = stage.op().equals("shell");
    if (inputs.size() < 2 || !(shell || (explicit && stage.op().equals("python")))) {
      return;
    }
    Map<String, String> names = new HashMap<>();
    for (StageInput input : inputs) {
      String found = shell
          ? "MUSTER_INPUT_" + NOT_IN_A_VARIABLE.matcher(input.name()).replaceAll("_")
          : NOT_IN_PYTHON.matcher(input.name()).replaceAll("_");
      @Nullable String other = names.putIfAbsent(found, input.name());
      if (other != null && !other.equals(input.name())) {
        findings.problem(
            stage,
            explicit ? ".from" : ".needs",
            "the inputs '" + other + "' and '" + input.name() + "' would both be "
                + (shell ? "the variable " : "the argument ") + found,
            explicit
                ? "rename one of them with 'as'"
                : "name them in 'from', each with another 'as'");
      }
    }
  }
}
