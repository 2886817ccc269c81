package dev.muster.internal.yaml;

import static dev.muster.internal.yaml.ExecutionWriter.put;
import static dev.muster.internal.yaml.ExecutionWriter.putFull;

import dev.muster.workflow.Dataset;
import dev.muster.workflow.EscalateOn;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageEnvironment;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Tolerance;
import dev.muster.workflow.Variables;
import dev.muster.workflow.Workflow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a workflow in the main dialect. */
public final class WorkflowWriter {
  private WorkflowWriter() {}

  /**
   * Writes a workflow and the plain form of its execution.
   *
   * @throws IllegalArgumentException if a value is none of YAML's; the message names it
   */
  public static String write(Workflow workflow, Map<String, @Nullable Object> execution) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("version", workflow.version());
    out.put("name", workflow.name());
    putFull(out, "params", workflow.params().values());
    Map<String, @Nullable Object> analysis = new LinkedHashMap<>();
    workflow.metadata().forEach((key, value) -> {
      if (key.equals("analysis") && value instanceof Map<?, ?> other) {
        other.forEach((name, kept) -> analysis.put((String) name, kept));
      } else if (out.containsKey(key)
          || List.of("params", "registry", "data", "stages", "execution", "analysis")
              .contains(key)) {
        throw new IllegalArgumentException(
            "the metadata '" + key + "' has the name of a section of the language");
      } else {
        out.put(key, value);
      }
    });
    putFull(out, "registry", registry(workflow.registry()));
    putFull(out, "data", data(workflow));
    List<Object> stages = new ArrayList<>(workflow.stages().size());
    workflow.stages().forEach(stage -> stages.add(stage(stage)));
    analysis.put("stages", stages);
    out.put("analysis", analysis);
    putFull(out, "execution", execution);
    return YamlWriter.write(out);
  }

  private static Map<String, @Nullable Object> registry(Registry registry) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    putFull(out, "operations", implementations(registry.operations()));
    putFull(out, "execution_modifiers", implementations(registry.modifiers()));
    return out;
  }

  private static Map<String, @Nullable Object> implementations(Map<String, String> entries) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    entries.forEach((name, impl) -> out.put(name, Map.of("impl", impl)));
    return out;
  }

  private static Map<String, @Nullable Object> data(Workflow workflow) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    List<Object> datasets = new ArrayList<>();
    for (Dataset dataset : workflow.datasets()) {
      Map<String, @Nullable Object> values = new LinkedHashMap<>();
      values.put("name", dataset.name());
      values.put(
          "files",
          dataset.files().stream()
              .map(file -> file.contains("://") ? file : FilePattern.quoted(file))
              .toList());
      if (!dataset.events().isEmpty()) {
        values.put("nevents", dataset.events());
      }
      dataset.attributes().forEach((key, value) -> {
        if (key.equals("name") || key.equals("files") || key.equals("nevents")) {
          throw new IllegalArgumentException("dataset " + dataset.name() + " has an attribute '"
              + key + "', which the language uses itself");
        }
        values.put(key, value);
      });
      datasets.add(values);
    }
    if (!datasets.isEmpty()) {
      out.put("datasets", datasets);
    }
    if (workflow.partitioning() instanceof Partitioning.Events by) {
      out.put("partition", Map.of("events", by.events()));
    } else if (workflow.partitioning() instanceof Partitioning.Files by && by.files() > 1) {
      out.put("partition", Map.of("files", by.files()));
    }
    return out;
  }

  private static Map<String, @Nullable Object> stage(Stage stage) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("id", stage.id());
    out.put("op", stage.op());
    putFull(out, "params", stage.params());
    put(out, "needs", stage.needs());
    List<StageInput> from = stage.from();
    if (from != null) {
      out.put("from", from.stream().map(WorkflowWriter::input).toList());
    }
    put(out, "scope", lower(stage.scope()));
    put(out, "block", stage.block() > 0 ? stage.block() : null);
    put(out, "tolerate", tolerance(stage.tolerate()));
    put(out, "version", stage.version());
    put(out, "keep", lower(stage.keep()));
    putFull(out, "applies_to", stage.appliesTo());
    putFull(out, "execution", execution(stage));
    putFull(out, "environment", environment(stage.environment()));
    return out;
  }

  private static @Nullable Object tolerance(@Nullable Tolerance tolerance) {
    return tolerance == null
        ? null
        : tolerance.share() ? tolerance.toString() : (Object) tolerance.amount().intValueExact();
  }

  private static Object input(StageInput input) {
    if (input.port() == null && input.as() == null && !input.optional()) {
      return input.node();
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("node", input.node());
    put(out, "port", input.port());
    put(out, "as", input.as());
    put(out, "optional", input.optional() ? true : null);
    return out;
  }

  private static Map<String, @Nullable Object> execution(Stage stage) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    if (stage.requirement() instanceof Requirement.Require require) {
      out.put("require", require.label());
    } else if (stage.requirement() instanceof Requirement.Prefer prefer) {
      out.put("prefer", prefer.label());
      put(out, "fallback", prefer.fallback());
    }
    put(out, "timeout", stage.timeout() == null ? null : ExecutionWriter.span(stage.timeout()));
    Retry retry = stage.retry();
    if (!retry.equals(Retry.never())) {
      Map<String, @Nullable Object> values = new LinkedHashMap<>();
      values.put("max", retry.max());
      put(
          values,
          "backoff",
          retry.backoff().isZero() ? null : ExecutionWriter.span(retry.backoff()));
      put(values, "escalate", escalate(retry));
      out.put("retry", values);
    }
    if (!stage.modifiers().isEmpty()) {
      out.put(
          "modifiers", stage.modifiers().stream().map(WorkflowWriter::modifier).toList());
    }
    put(out, "backend", stage.backend());
    put(out, "executor", stage.executor());
    return out;
  }

  private static @Nullable Object escalate(Retry retry) {
    if (retry.escalate() == null || retry.escalateOn().equals(EscalateOn.outOfMemory())) {
      return retry.escalate();
    }
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    values.put("to", retry.escalate());
    values.put("on", retry.escalateOn().listed());
    return values;
  }

  private static Object modifier(Modifier modifier) {
    if (modifier.params().isEmpty()) {
      return modifier.name();
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("name", modifier.name());
    out.put("params", modifier.params());
    return out;
  }

  private static Map<String, @Nullable Object> environment(StageEnvironment environment) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    put(out, "image", environment.image());
    if (environment.variables() instanceof Variables.EnvFile file) {
      out.put("variables", file.path().toString());
    } else if (environment.variables() instanceof Variables.Values values) {
      putFull(out, "variables", values.values());
    }
    put(out, "executor", environment.executor());
    Map<String, @Nullable Object> resources = ExecutionWriter.quantities(environment.resources());
    put(resources, "process_on", lower(environment.processOn()));
    putFull(out, "resources", resources);
    putFull(out, "extra_data", environment.extraData());
    return out;
  }

  private static @Nullable String lower(@Nullable Enum<?> constant) {
    return constant == null ? null : constant.name().toLowerCase(Locale.ROOT);
  }
}
