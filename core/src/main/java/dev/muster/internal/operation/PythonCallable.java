package dev.muster.internal.operation;

import dev.muster.code.PythonCode;
import dev.muster.code.Surroundings;
import dev.muster.error.Suggestions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a Python stage calls. */
final class PythonCallable {
  private static final Pattern IMPL =
      Pattern.compile("[\\p{L}_][\\w.]*:[\\p{L}_][\\w.]*", Pattern.UNICODE_CHARACTER_CLASS);

  private PythonCallable() {}

  /**
   * Reads the parameters of a stage whose operation is {@code python}.
   *
   * @throws IllegalArgumentException if one is missing or wrong
   */
  static PythonCode parse(Map<String, @Nullable Object> given, Surroundings around) {
    Params params = new Params(given);
    String callable = params.attempt(() -> callable(params, given));
    List<@Nullable Object> args = params.attempt(() -> params.list("args"));
    params.throwIfWrong();
    return new PythonCode(
        Objects.requireNonNull(callable), Objects.requireNonNull(args), params.rest(), around);
  }

  private static String callable(Params params, Map<String, @Nullable Object> given) {
    String callable = params.text("callable");
    if (callable == null) {
      String nearest = Suggestions.nearest("callable", given.keySet());
      throw new IllegalArgumentException(
          "python needs the parameter 'callable', for example analysis.train:run"
              + (nearest == null ? "" : "; there is '" + nearest + "'"));
    }
    return check(callable, "the parameter 'callable'");
  }

  /**
   * Returns {@code impl}.
   *
   * @param what what it is, for messages
   * @throws IllegalArgumentException if it is not of the form {@code module:name}
   */
  static String check(String impl, String what) {
    if (IMPL.matcher(impl).matches()) {
      return impl;
    }
    int dot = impl.lastIndexOf('.');
    String meant = dot > 0 && impl.indexOf(':') < 0
        ? impl.substring(0, dot) + ":" + impl.substring(dot + 1)
        : "";
    throw new IllegalArgumentException(what + " must be module:name, got '" + impl + "'"
        + (IMPL.matcher(meant).matches() ? "; did you mean '" + meant + "'?" : ""));
  }
}
