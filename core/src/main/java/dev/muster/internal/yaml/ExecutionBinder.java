package dev.muster.internal.yaml;

import dev.muster.error.SourceLocation;
import dev.muster.execution.Credentials;
import dev.muster.execution.Durability;
import dev.muster.execution.Execution;
import dev.muster.execution.FilesBy;
import dev.muster.execution.NamedExecutor;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.workflow.Keep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads {@code execution}: backend, strategy, pools and what workers need. Site files hold the same. */
final class ExecutionBinder {
  static final List<String> KEYS = List.of(
      "backend",
      "strategy",
      "resources",
      "pools",
      "profiles",
      "environment",
      "staging",
      "reuse",
      "code",
      "report",
      "credentials",
      "config",
      "executors",
      "assignments");
  static final String HINT = "write for example {backend: local, pools: {default: {workers: 4}}}";
  private static final int MOST_LOCATIONS = 100_000;
  private static final int MOST_ITEMS = 100;
  private static final int DEEPEST_LOCATION = 6;
  private static final String STAGE_KEY = "it belongs to the 'execution' of a stage";
  private static final Map<String, String> HINTS = Map.of(
      "require", STAGE_KEY,
      "prefer", STAGE_KEY,
      "fallback", STAGE_KEY,
      "modifiers", STAGE_KEY,
      "retry", STAGE_KEY,
      "timeout", STAGE_KEY);

  private final Fields fields;
  private final Execution.Builder execution = Execution.builder();

  private ExecutionBinder(Fields fields) {
    this.fields = fields;
  }

  /** Reads an execution; the caller has taken {@code profiles} if that is a list, and checks the keys. */
  static Execution bind(@Nullable Fields fields) {
    return fields == null ? Execution.builder().build() : new ExecutionBinder(fields).bind();
  }

  /** Reads an execution and notes the keys that it cannot have. */
  static Execution bindClosed(@Nullable Fields fields) {
    if (fields != null) {
      fields.only(KEYS, HINTS);
    }
    return bind(fields);
  }

  private Execution bind() {
    String backend = fields.text("backend");
    if (backend != null) {
      execution.backend(backend);
    }
    String strategy = fields.text("strategy");
    if (strategy != null) {
      execution.strategy(strategy);
    }
    each("resources", "a resource class", QuantitiesBinder.HINT, (name, own) -> {
      own.only(QuantitiesBinder.KEYS);
      execution.resource(name, QuantitiesBinder.bind(own));
    });
    each(
        "pools",
        "a pool",
        PoolBinder.HINT,
        (name, own) -> execution.pool(PoolBinder.pool(name, own)));
    if (!(fields.node("profiles") instanceof ListNode)) {
      each(
          "profiles",
          "a profile",
          PoolBinder.HINT,
          (name, own) -> execution.profile(PoolBinder.profile(name, own)));
    }
    environment();
    staging();
    reuse();
    List<String> code = fields.has("code") ? fields.texts("code") : null;
    if (code != null) {
      execution.code(code.toArray(String[]::new));
    }
    Boolean report = fields.flag("report");
    if (report != null) {
      execution.report(report);
    }
    credentials();
    fields.values("config").forEach(execution::config);
    executors();
    return execution.build();
  }

  private interface EntryBinder {
    void bind(String name, Fields fields);
  }

  private void each(String key, String what, String hint, EntryBinder binder) {
    Fields entries = fields.map(key, "write NAME: {...}");
    if (entries == null) {
      return;
    }
    for (MapNode.Entry entry : entries.named(what, key.equals("pools"))) {
      Fields own =
          Fields.of(fields.problems(), entries.where().key(entry.key()), entry.value(), hint);
      if (own != null) {
        binder.bind(entry.key(), own);
      }
    }
  }

  private void environment() {
    Node node = fields.node("environment");
    if (node == null) {
      return;
    }
    if (node instanceof ScalarNode && !node.isNull()) {
      String type = fields.text("environment");
      if (type != null) {
        execution.environment(new WorkerEnvironment(type, Map.of()));
      }
      return;
    }
    String hint = "write for example {type: packed-pixi, environment: default}";
    Fields own = fields.map("environment", hint);
    if (own == null) {
      return;
    }
    String type = own.text("type");
    if (!own.has("type")) {
      fields.problemAt(
          "environment",
          "the workers' environment needs a type",
          "add type: current, shared or packed-pixi");
    }
    Map<String, @Nullable Object> options = own.map().toJava();
    options.remove("type");
    if (type != null) {
      execution.environment(new WorkerEnvironment(type, options));
    }
  }

  private void staging() {
    Node node = fields.node("staging");
    Staging staging;
    if (node instanceof ScalarNode && !node.isNull()) {
      staging = fields.constant("staging", Staging.class);
    } else {
      Fields own = fields.map("staging", "write {mode: shared} or {mode: transfer}");
      if (own == null) {
        return;
      }
      own.only(List.of("mode"));
      staging = own.constant("mode", Staging.class);
    }
    if (staging != null) {
      execution.staging(staging);
    }
  }

  private void reuse() {
    Fields own = fields.map("reuse", "write for example {files: content, keep: none}");
    if (own == null) {
      return;
    }
    own.only(List.of("durability", "keep", "files", "from"));
    Durability durability = own.constant("durability", Durability.class);
    if (durability != null) {
      execution.durability(durability);
    }
    Keep keep = own.constant("keep", Keep.class);
    if (keep != null) {
      execution.keep(keep);
    }
    FilesBy files = own.constant("files", FilesBy.class);
    if (files != null) {
      execution.filesBy(files);
    }
    List<String> from = own.texts("from");
    if (from != null) {
      execution.reuseFrom(from.toArray(String[]::new));
    }
  }

  private void credentials() {
    if (!fields.has("credentials")) {
      return;
    }
    Fields own = fields.node("credentials") instanceof MapNode
        ? fields.map("credentials", "write {use: [x509], required_lifetime: 12h}")
        : null;
    if (own == null) {
      List<String> kinds = fields.texts("credentials");
      if (kinds != null) {
        execution.credentials(new Credentials(kinds, null));
      }
      return;
    }
    own.only(List.of("use", "required_lifetime"));
    execution.credentials(new Credentials(
        Objects.requireNonNullElse(own.texts("use"), List.of()), own.span("required_lifetime")));
  }

  private void executors() {
    each(
        "executors",
        "an executor",
        "write for example {backend: batch, pool: gpu}",
        (name, own) -> {
          own.only(List.of("type", "backend", "strategy", "pool", "config"));
          execution.executor(new NamedExecutor(
              name,
              own.text("type"),
              own.text("backend"),
              own.text("strategy"),
              own.text("pool"),
              own.values("config")));
        });
    Fields assignments = fields.map("assignments", "write WORKER: EXECUTOR");
    if (assignments == null) {
      return;
    }
    for (MapNode.Entry entry : assignments.named("an assignment")) {
      String executor = assignments.text(entry.key());
      if (executor != null) {
        execution.assignment(entry.key(), executor);
      }
    }
  }

  /** Says where each value of an execution stands, by its path such as {@code pools.gpu.use}. */
  static Map<String, SourceLocation> locations(@Nullable Fields fields) {
    Map<String, SourceLocation> locations = new LinkedHashMap<>();
    if (fields != null) {
      locate(fields.problems(), "", fields.map(), 0, locations);
    }
    return locations;
  }

  private static void locate(
      Problems problems, String prefix, MapNode map, int depth, Map<String, SourceLocation> into) {
    for (int i = 0; i < map.size() && into.size() < MOST_LOCATIONS; i++) {
      MapNode.Entry entry = map.entry(i);
      String path = prefix + entry.key();
      into.put(path, problems.location(entry.atLine(), entry.atColumn()));
      if (entry.value() instanceof MapNode inner && depth < DEEPEST_LOCATION) {
        locate(problems, path + ".", inner, depth + 1, into);
      } else if (entry.value() instanceof ListNode list && list.size() <= MOST_ITEMS) {
        for (int k = 0; k < list.size(); k++) {
          Node item = list.item(k);
          into.put(path + "[" + k + "]", problems.location(item.line(), item.column()));
        }
      }
    }
  }

  /** The site files that an execution names: its {@code profiles} as a list. */
  static List<ProfileFiles.Named> profileFiles(@Nullable Fields fields) {
    List<ProfileFiles.Named> named = new ArrayList<>();
    if (fields != null && fields.node("profiles") instanceof ListNode) {
      fields.list("profiles", (item, at) -> {
        String name = Fields.text(fields.problems(), item, at);
        return name != null && named.add(new ProfileFiles.Named(name, item, at)) ? name : null;
      });
    }
    return named;
  }
}
