package dev.muster.internal.operation;

import dev.muster.code.Carries;
import dev.muster.code.StageCode.Kind;
import dev.muster.code.Surroundings.PythonModifier;
import dev.muster.error.Suggestions;
import dev.muster.internal.discovery.Providers;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.Workflow;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The modifiers in Python that come with Muster, and which parameters they take. Thread-safe. */
final class PythonModifiers {
  /** Those that are Python everywhere. */
  static final List<String> ALWAYS = List.of("cuda.jit", "gpu.preload");

  private static final String PACKAGE = "muster_task.";
  private static final List<String> MISSING = List.of("error", "warn", "ignore");
  private static final Map<String, String> CLASSES = Map.of(
      "cuda.jit", PACKAGE + "gpu:CudaJit",
      "gpu.preload", PACKAGE + "gpu:GpuPreload",
      "diagnostics", PACKAGE + "measuring:Diagnostics",
      "profile", PACKAGE + "measuring:Profile");

  private PythonModifiers() {}

  /**
   * Returns what makes a modifier in Python, or null if a name means none.
   *
   * @param kind of the code that it is around
   * @param inside whether it is inside of another one in Python, where only Python can run
   * @param carries what the backend carries out
   */
  static @Nullable Supplier<@Nullable PythonModifier> find(
      Modifier modifier,
      Kind kind,
      boolean inside,
      Workflow workflow,
      Providers providers,
      Carries carries) {
    String name = modifier.name();
    if (workflow.modifiers().containsKey(name)) {
      return null;
    }
    String impl = workflow.registry().modifiers().get(name);
    if (impl == null && providers.givenModifier(name) == null) {
      boolean only = !carries.kinds().contains(Kind.JAVA);
      impl = only ? carries.modifiers().get(name) : null;
      if (impl == null
          && (ALWAYS.contains(name) || ((inside || only) && CLASSES.containsKey(name)))) {
        return () -> of(modifier, kind);
      }
    }
    if (impl == null || Implementations.isJava(impl)) {
      return null;
    }
    String named = impl;
    return () -> new PythonModifier(
        name, PythonCallable.check(named, "the implementation"), modifier.params());
  }

  /** Tells whether modifiers need code of Muster's that functions do without. */
  static boolean needCode(List<PythonModifier> modifiers) {
    return modifiers.stream().anyMatch(each -> each.impl().startsWith(PACKAGE));
  }

  // Checks that it can be around such code, and its parameters.
  private static PythonModifier of(Modifier modifier, Kind kind) {
    String name = modifier.name();
    if (ALWAYS.contains(name) && kind == Kind.SHELL) {
      throw new IllegalArgumentException("the modifier '" + name + "' prepares "
          + (name.equals("cuda.jit") ? "functions" : "values") + " for Python code, and the"
          + " operation shell runs a command, which gets none of them; write the stage as a Python"
          + " function, or remove the modifier");
    }
    Params params = new Params(modifier.params());
    switch (name) {
      case "gpu.preload" -> {
        names(params, "fields");
        params.attempt(() -> missing(params));
      }
      case "cuda.jit" -> {
        Object functions = names(params, "functions");
        if (functions == null && !params.isWrong()) {
          params.wrong(new IllegalArgumentException(
              "cuda.jit needs the parameter 'functions': names of functions of the operation's"
                  + " module, or module:name"));
        }
        names(params, "device");
      }
      default -> BuiltIns.noParameters(modifier);
    }
    for (String other : params.rest().keySet()) {
      params.wrong(new IllegalArgumentException("the modifier " + name + " has no parameter '"
          + other + "'; " + Suggestions.didYouMean(other, known(name))));
    }
    params.throwIfWrong();
    return new PythonModifier(name, Objects.requireNonNull(CLASSES.get(name)), modifier.params());
  }

  private static List<String> known(String name) {
    return name.equals("cuda.jit")
        ? List.of("functions", "device")
        : List.of("fields", "on_missing");
  }

  private static @Nullable String missing(Params params) {
    String text = params.text("on_missing");
    if (text != null && !MISSING.contains(text)) {
      throw Params.wrong("on_missing", "error, warn or ignore", text);
    }
    return text;
  }

  /** Takes a name or a list of names; null if there is none. */
  private static @Nullable Object names(Params params, String name) {
    Object value = params.take(name);
    boolean right = value == null
        || (value instanceof String text && !text.isBlank())
        || (value instanceof List<?> items
            && !items.isEmpty()
            && items.stream().allMatch(each -> each instanceof String text && !text.isBlank()));
    if (!right) {
      params.wrong(Params.wrong(name, "a name or a list of names", value));
    }
    return value;
  }
}
