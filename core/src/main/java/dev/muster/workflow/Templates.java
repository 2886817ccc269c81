package dev.muster.workflow;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts a workflow's parameters into the texts of its stages and datasets. Thread-safe. */
final class Templates {
  /** What the operation {@code shell} fills in itself, since a value must not become code. */
  private static final Set<String> OF_SHELL =
      Set.of("command", "cwd", "variables", "stdin", "outputs");

  private Templates() {}

  /**
   * Returns a stage with the parameters in place.
   *
   * @param shell whether its operation is the built-in {@code shell}
   * @throws IllegalArgumentException if a text names one that is not there; says in which stage
   */
  static Stage stage(Stage stage, WorkflowParams params, boolean shell) {
    if (!names(stage, shell)) {
      return stage;
    }
    try {
      Map<String, @Nullable Object> own = new LinkedHashMap<>();
      stage
          .params()
          .forEach((key, value) ->
              own.put(key, shell && OF_SHELL.contains(key) ? value : params.inPlace(value)));
      List<Modifier> modifiers = new ArrayList<>();
      for (Modifier each : stage.modifiers()) {
        modifiers.add(new Modifier(each.name(), map(params.inPlace(each.params()))));
      }
      StageEnvironment environment = stage.environment();
      if (environment.variables() instanceof Variables.Values values) {
        Map<String, String> made = new LinkedHashMap<>();
        values.values().forEach((name, text) -> made.put(name, text(params.inPlace(text), name)));
        environment =
            environment.toBuilder().variables(new Variables.Values(made)).build();
      }
      return stage.toBuilder()
          .params(own)
          .modifiers(modifiers)
          .environment(environment)
          .build();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("stage " + stage.id() + ": " + e.getMessage(), e);
    }
  }

  private static boolean names(Stage stage, boolean shell) {
    return stage.params().entrySet().stream()
            .anyMatch(each -> WorkflowParams.isNamedIn(each.getKey())
                || (!(shell && OF_SHELL.contains(each.getKey()))
                    && WorkflowParams.isNamedIn(each.getValue())))
        || stage.modifiers().stream().anyMatch(each -> WorkflowParams.isNamedIn(each.params()))
        || (stage.environment().variables() instanceof Variables.Values values
            && WorkflowParams.isNamedIn(values.values()));
  }

  /** Returns a dataset with the parameters in place of the names of its files. */
  static Dataset dataset(Dataset dataset, WorkflowParams params) {
    if (!WorkflowParams.isNamedIn(dataset.files())) {
      return dataset;
    }
    List<String> files = new ArrayList<>();
    for (String file : dataset.files()) {
      files.add(text(params.inPlace(file), "dataset " + dataset.name()));
    }
    return new Dataset(dataset.name(), files, dataset.events(), dataset.attributes());
  }

  private static String text(@Nullable Object value, String what) {
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    throw new IllegalArgumentException(
        what + " takes a text, and the workflow parameter there has none");
  }

  @SuppressWarnings("unchecked") // a mapping stays one with its keys
  private static Map<String, @Nullable Object> map(@Nullable Object value) {
    return value == null ? Map.of() : (Map<String, @Nullable Object>) value;
  }
}
