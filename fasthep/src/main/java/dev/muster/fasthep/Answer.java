package dev.muster.fasthep;

import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;
import dev.muster.fasthep.FastHepPlan.Edge;
import dev.muster.fasthep.FastHepPlan.Hook;
import dev.muster.fasthep.FastHepPlan.Node;
import dev.muster.fasthep.FastHepPlan.PlanDataset;
import dev.muster.fasthep.FastHepPlan.PlanPartition;
import dev.muster.fasthep.FastHepPlan.Role;
import dev.muster.fasthep.FastHepPlan.When;
import dev.muster.fasthep.FastHepPlan.Wish;
import dev.muster.resource.Walltime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the compiler answers: the plans, and what they were made of.
 *
 * @param python the version of Python
 * @param versions of FAST-HEP's packages
 * @param warnings for people
 * @param inputs everything that was read
 * @param modules the user's own modules, absolute
 * @param files what tasks may read in the workflow's folder besides modules and datasets, absolute
 */
record Answer(
    String python,
    Map<String, String> versions,
    List<String> warnings,
    List<Input> inputs,
    List<String> modules,
    List<String> files,
    List<FastHepPlan> plans) {
  /** The file below the compiler's folder. */
  static final Path FILE = Path.of("muster", "answer.json");

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * A file or a folder that was read.
   *
   * @param path absolute, or the name of something that cannot be compared
   * @param size {@link #ABSENT} for what was not there, {@link #UNKNOWN} for what cannot be compared
   * @param sha256 of its content, or null where only size and time count
   */
  record Input(
      String path, long size, long mtimeNanos, @Nullable String sha256) {
    static final long ABSENT = -1;
    static final long UNKNOWN = -2;
  }

  /** The compiler says that there is no plan. */
  static final class RefusedException extends MusterException {
    private static final long serialVersionUID = 1L;

    private final String kind;
    private final @Nullable String hint;

    RefusedException(String kind, String message, @Nullable String hint) {
      super(message);
      this.kind = kind;
      this.hint = hint;
    }

    String kind() {
      return kind;
    }

    @Nullable
    String hint() {
      return hint;
    }
  }

  /**
   * Reads an answer.
   *
   * @throws RefusedException if it says that there is no plan
   * @throws MusterException if it is no answer
   */
  static Answer read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try {
      return of(JSON.readTree(bytes), file);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new MusterException(
          file + " is no answer of Muster's part of the FAST-HEP compiler: " + e.getMessage(), e);
    }
  }

  private static Answer of(JsonNode json, Path file) {
    if (!json.path("ok").asBoolean(false)) {
      JsonNode error = json.path("error");
      throw new RefusedException(
          error.path("kind").asString("compile"),
          text(error, "message", file + " has no message"),
          optional(error, "hint"));
    }
    Map<String, String> versions = new LinkedHashMap<>();
    json.path("versions")
        .properties()
        .forEach(each -> versions.put(each.getKey(), each.getValue().asString()));
    List<Input> inputs = new ArrayList<>();
    for (JsonNode each : json.path("inputs")) {
      inputs.add(new Input(
          required(each, "path"),
          each.path("size").isNumber() ? each.path("size").asLong() : Input.UNKNOWN,
          each.path("mtime_ns").isNumber() ? each.path("mtime_ns").asLong() : Input.UNKNOWN,
          optional(each, "sha256")));
    }
    List<FastHepPlan> plans = new ArrayList<>();
    json.path("plans").forEach(each -> plans.add(plan(each)));
    if (plans.isEmpty()) {
      throw new IllegalArgumentException("it has no plans");
    }
    return new Answer(
        required(json, "python"),
        versions,
        texts(json.path("warnings")),
        inputs,
        texts(json.path("modules")),
        texts(json.path("files")),
        plans);
  }

  private static FastHepPlan plan(JsonNode json) {
    List<PlanDataset> datasets = new ArrayList<>();
    for (JsonNode each : json.path("datasets")) {
      datasets.add(new PlanDataset(
          required(each, "name"), optional(each, "eventtype"), optional(each, "group")));
    }
    List<Node> nodes = new ArrayList<>();
    json.path("nodes").forEach(each -> nodes.add(node(each)));
    List<PlanPartition> partitions = new ArrayList<>();
    for (JsonNode each : json.path("partitions")) {
      partitions.add(new PlanPartition(
          required(each, "id"),
          required(each, "dataset"),
          required(each, "file"),
          optional(each, "duplicate_of") != null));
    }
    List<Hook> hooks = new ArrayList<>();
    for (JsonNode each : json.path("hooks")) {
      hooks.add(new Hook(
          required(each, "kind"), each.path("stateful").asBoolean(false), optional(each, "apart")));
    }
    Map<String, @Nullable Object> execution = new LinkedHashMap<>();
    if (plain(json.path("execution")) instanceof Map<?, ?> map) {
      map.forEach((key, value) -> execution.put(String.valueOf(key), value));
    }
    String pickle = required(json, "pickle");
    String file = pickle.substring(pickle.lastIndexOf('/') + 1);
    return new FastHepPlan(
        optional(json, "variation"),
        file.endsWith(".pickle") ? file.substring(0, file.length() - ".pickle".length()) : file,
        datasets,
        nodes,
        partitions,
        execution,
        hooks,
        texts(json.path("reports")));
  }

  private static Node node(JsonNode json) {
    String id = required(json, "id");
    List<Edge> inputs = new ArrayList<>();
    for (JsonNode each : json.path("inputs")) {
      inputs.add(new Edge(
          required(each, "node"),
          required(each, "output"),
          required(each, "input"),
          each.path("restored").asBoolean(false)));
    }
    String stage = text(json, "stage_id", id);
    String when = optional(json, "when");
    return new Node(
        id,
        Role.valueOf(required(json, "role").toUpperCase(Locale.ROOT)),
        inputs,
        texts(json.path("outputs")),
        texts(json.path("kept")),
        json.path("shared").asBoolean(false),
        when == null ? null : When.valueOf(when.toUpperCase(Locale.ROOT)),
        stage,
        texts(json.path("datasets")),
        wish(stage, json.path("execution")));
  }

  private static Wish wish(String stage, JsonNode json) {
    JsonNode timeout = json.path("timeout");
    return new Wish(
        optional(json, "require"),
        optional(json, "prefer"),
        optional(json, "fallback"),
        timeout.isNull() || timeout.isMissingNode() ? null : timeout(stage, timeout.asString()));
  }

  private static Duration timeout(String stage, String text) {
    try {
      Duration timeout = Walltime.parse(text);
      if (timeout.isZero() || timeout.isNegative()) {
        throw new IllegalArgumentException("it is not positive");
      }
      return timeout;
    } catch (IllegalArgumentException e) {
      throw new WorkflowException(
          "stage " + stage + ".execution.timeout",
          "'" + text + "' is no time: " + e.getMessage(),
          "write seconds, or for example 90s, 15m or 02:00:00");
    }
  }

  private static String required(JsonNode json, String key) {
    String text = optional(json, key);
    if (text == null) {
      throw new IllegalArgumentException("'" + key + "' is missing in " + json);
    }
    return text;
  }

  private static String text(JsonNode json, String key, String fallback) {
    return Objects.requireNonNullElse(optional(json, key), fallback);
  }

  private static @Nullable String optional(JsonNode json, String key) {
    JsonNode value = json.path(key);
    return value.isNull() || value.isMissingNode() ? null : value.asString();
  }

  private static List<String> texts(JsonNode json) {
    List<String> texts = new ArrayList<>();
    json.forEach(each -> texts.add(each.asString()));
    return texts;
  }

  /** Returns a value as plain Java. */
  private static @Nullable Object plain(JsonNode json) {
    return json.isMissingNode() || json.isNull() ? null : JSON.treeToValue(json, Object.class);
  }
}
