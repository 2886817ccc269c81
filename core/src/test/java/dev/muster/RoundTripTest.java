package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.execution.Credentials;
import dev.muster.execution.Durability;
import dev.muster.execution.Execution;
import dev.muster.execution.FilesBy;
import dev.muster.execution.NamedExecutor;
import dev.muster.execution.Pool;
import dev.muster.execution.PoolProfile;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.execution.Workers;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.EscalateOn;
import dev.muster.workflow.Keep;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.ProcessOn;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Variables;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written reads back the same. */
class RoundTripTest {
  private static final List<String> TEXTS = List.of(
      "plain",
      "two words",
      "",
      " ",
      " lead",
      "trail ",
      "yes",
      "No",
      "on",
      "~",
      "null",
      "true",
      "42",
      "-1",
      "1.5",
      "0777",
      "1_000",
      "04:00:00",
      "2026-01-31",
      "a: b",
      "a:b",
      "a #b",
      "#a",
      "a#b",
      "-",
      "- a",
      "--- a",
      "...",
      "'quoted'",
      "\"quoted\"",
      "it's",
      "back\\slash",
      "tab\there",
      "line\nbreak",
      "line\nbreak\n",
      "\nlead\n",
      "  indented\nblock\n",
      "end\n\n",
      "a\n \nb",
      "a\n\n  b\n",
      "cr\rlf\r\n",
      "{a: b}",
      "[a]",
      "a, b",
      "*alias",
      "&anchor",
      "!tag",
      "|",
      ">",
      "%",
      "@",
      "`",
      "?",
      "? a",
      "<<",
      "=",
      "é",
      "日本語",
      "😀",
      "\u0001",
      "\u0085",
      "\u2028x",
      "\uFEFF",
      "x".repeat(5000),
      "word ".repeat(30_000),
      "key:",
      "${HOME}/x",
      "$(date)",
      "(a)");

  static IntStream seeds() {
    return IntStream.range(0, 60);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void readsBackWhatItWrites(int seed) {
    Random random = new Random(seed);
    Workflow workflow = workflow(random);
    Execution execution = execution(random);

    String yaml = Workflows.toYaml(workflow, execution);
    WorkflowFile read = Workflows.fromYaml(yaml);

    assertThat(read.workflow()).as(yaml).isEqualTo(workflow);
    assertThat(read.workflow().stages()).isEqualTo(workflow.stages());
    assertThat(read.execution()).as(yaml).isEqualTo(execution);
    assertThat(Workflows.toYaml(read)).isEqualTo(yaml);
  }

  @Test
  void everyTextReadsBack() {
    for (String text : TEXTS) {
      Workflow workflow = Workflow.builder()
          .stage("A")
          .op("x")
          .param("block", text)
          .param("list", List.of(text, text))
          .param("map", Map.of("k", text))
          .param("deep", List.of(List.of(text), Map.of("k", List.of(text))))
          .build();

      String yaml = Workflows.toYaml(workflow, Execution.builder().build());

      assertThat(Workflows.fromYaml(yaml).workflow()).as(yaml).isEqualTo(workflow);
    }
  }

  @Test
  void longKeysReadBack() {
    for (int length : new int[] {500, 501, 9_999, 20_000, 150_000}) {
      String key = "x-" + "long ".repeat(length / 5);
      Workflow workflow = Workflow.builder()
          .metadata(key, 1)
          .metadata(key + "map", Map.of("a", List.of(1, Map.of(key, 2))))
          .stage("A")
          .op("x")
          .param("p", Map.of(key, Map.of("k", 1)))
          .build();

      String written = Workflows.toYaml(workflow, Execution.builder().build());

      assertThat(Workflows.fromYaml(written).workflow()).isEqualTo(workflow);
    }
  }

  @Test
  void everyTextReadsBackAsAKey() {
    for (String text : TEXTS) {
      Workflow workflow = Workflow.builder()
          .stage("A")
          .op("x")
          .param(text, 1)
          .param("map", Map.of(text, Map.of(text, 2)))
          .build();

      String yaml = Workflows.toYaml(workflow, Execution.builder().build());

      assertThat(Workflows.fromYaml(yaml).workflow()).as(yaml).isEqualTo(workflow);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "whole/everything.yaml",
        "seeds/stage-environments.yaml",
        "seeds/pools-profiles.yaml"
      })
  void filesReadBack(String name) {
    WorkflowFile file = Workflows.fromYaml(Path.of("src/test/resources").resolve(name));

    WorkflowFile read =
        Workflows.fromYaml(Workflows.toYaml(file), name, file.workflow().baseDirectory());

    assertThat(read.workflow()).isEqualTo(file.workflow());
    assertThat(read.execution()).isEqualTo(file.execution());
  }

  @Test
  void isPleasantToRead() throws IOException {
    WorkflowFile file = Workflows.fromYaml(Path.of("src/test/resources/whole/everything.yaml"));
    Path golden = Path.of("src/test/resources/written/everything.yaml");
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(golden.getParent());
      Files.writeString(golden, Workflows.toYaml(file));
    }

    assertThat(Workflows.toYaml(file)).isEqualTo(Files.readString(golden));
  }

  @Test
  void aJavaOperationIsWrittenByItsName() {
    Workflow workflow = Workflow.builder()
        .stage("A")
        .op("custom.a")
        .run(context -> 1)
        .stage("B")
        .run(context -> 2)
        .build();

    WorkflowFile read = Workflows.fromYaml(Workflows.toYaml(workflow, Execution.local()));

    assertThat(read.workflow().stages().stream().map(Stage::op)).containsExactly("custom.a", "B");
    assertThat(read.workflow().stage("A").operation()).isNull();
  }

  @Test
  void refusesWhatYamlCannotExpress() {
    Workflow workflow =
        Workflow.builder().stage("A").op("x").param("lock", new Object()).build();

    assertThatThrownBy(() -> Workflows.toYaml(workflow, Execution.local()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("analysis.stages[0].params.lock is a java.lang.Object");
  }

  @Test
  void refusesMetadataThatLooksLikeASection() {
    Workflow workflow =
        Workflow.builder().metadata("execution", "x").stage("A").op("x").build();

    assertThatThrownBy(() -> Workflows.toYaml(workflow, Execution.local()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'execution'");
  }

  private static Workflow workflow(Random random) {
    Workflow.Builder builder =
        Workflow.builder().name(name(random)).version(random.nextBoolean() ? "1.0" : "1");
    if (random.nextBoolean()) {
      builder.metadata("sources", value(random, 3)).metadata("styles", value(random, 2));
    }
    if (random.nextBoolean()) {
      builder.registry(new Registry(
          Map.of(name(random), "module:call"), Map.of(name(random), "java:com.acme.M")));
    }
    int datasets = random.nextInt(3);
    for (int i = 0; i < datasets; i++) {
      List<String> files = IntStream.range(0, random.nextInt(30))
          .mapToObj(f -> "file " + f + ".csv")
          .toList();
      List<Long> events = random.nextBoolean()
          ? List.of()
          : LongStream.range(0, files.size())
              .map(e -> e * 3_000_000_000L)
              .boxed()
              .toList();
      builder.dataset(new Dataset("set" + i + name(random), files, events, map(random, 1)));
    }
    builder.partitioning(
        switch (random.nextInt(3)) {
          case 0 -> Partitioning.byFile();
          case 1 -> new Partitioning.Files(2 + random.nextInt(9));
          default -> new Partitioning.Events(1 + random.nextInt(100_000));
        });
    List<String> ids = new ArrayList<>();
    int stages = 1 + random.nextInt(6);
    for (int i = 0; i < stages; i++) {
      ids.add(name(random) + i);
    }
    for (String id : ids) {
      builder.stage(stage(id, ids, random));
    }
    return builder.build();
  }

  private static Stage stage(String id, List<String> ids, Random random) {
    Stage.Builder stage = Stage.builder(id).op(name(random)).params(map(random, 3));
    if (random.nextBoolean()) {
      stage.needs(ids.subList(0, random.nextInt(ids.size())).toArray(String[]::new));
    }
    if (random.nextBoolean()) {
      stage.from(List.of(
          StageInput.of(ids.get(0)),
          new StageInput(
              ids.get(random.nextInt(ids.size())),
              "port",
              random.nextBoolean() ? null : "as",
              random.nextBoolean())));
    }
    if (random.nextBoolean()) {
      stage.scope(oneOf(Scope.class, random)).appliesTo(map(random, 1));
    }
    stage.requirement(
        switch (random.nextInt(4)) {
          case 0 -> Requirement.none();
          case 1 -> Requirement.require(name(random));
          case 2 -> Requirement.prefer(name(random));
          default -> new Requirement.Prefer(name(random), name(random));
        });
    if (random.nextBoolean()) {
      stage.timeout(Duration.ofMillis(1 + random.nextInt(100_000_000)));
      int max = random.nextInt(5);
      Duration backoff = Duration.ofSeconds(random.nextInt(500));
      stage.retry(
          switch (random.nextInt(4)) {
            case 0 -> new Retry(max, backoff, null);
            case 1 -> new Retry(max, backoff, "big");
            case 2 -> new Retry(max, backoff, "big", EscalateOn.exitCodes(250, 137));
            default ->
              new Retry(
                  max,
                  backoff,
                  name(random),
                  EscalateOn.of("WALLTIME").orExitCodes(1 + random.nextInt(255)));
          });
    }
    if (random.nextBoolean()) {
      stage.modifier("a.b").modifier(new Modifier("c", map(random, 2)));
      stage.backend("local").executor(name(random));
    }
    if (random.nextBoolean()) {
      stage
          .version(List.of("2", "1.10", "two", "~ 1").get(random.nextInt(4)))
          .keep(oneOf(Keep.class, random));
    }
    if (random.nextBoolean()) {
      stage.environment(e -> e.image("a/b:c")
          .executor("LocalExecutor")
          .processOn(oneOf(ProcessOn.class, random))
          .resources(quantities(random))
          .extraData(map(random, 2))
          .variables(
              random.nextBoolean()
                  ? new Variables.EnvFile(Path.of("path", "to", ".env"))
                  : new Variables.Values(Map.of("A", text(random), "B_C", text(random)))));
    }
    return stage.build();
  }

  private static Execution execution(Random random) {
    Execution.Builder builder = Execution.builder();
    if (random.nextBoolean()) {
      builder.backend(name(random)).strategy("slurm").staging(oneOf(Staging.class, random));
      builder.environment(new WorkerEnvironment("packed-pixi", map(random, 2)));
      builder.durability(oneOf(Durability.class, random));
      builder.keep(oneOf(Keep.class, random)).filesBy(oneOf(FilesBy.class, random));
      builder.code(name(random), "lib/");
      builder.credentials(new Credentials(
          List.of("x509", "scitokens").subList(0, random.nextInt(3)),
          random.nextBoolean() ? null : Duration.ofHours(12)));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      String label = name(random) + i;
      builder.resource(label, quantities(random));
      builder.profile(
          new PoolProfile(label, workers(random), null, null, quantities(random), map(random, 2)));
      builder.pool(new Pool(
          "pool" + i,
          random.nextBoolean() ? null : label,
          random.nextBoolean() ? null : workers(random),
          random.nextBoolean() ? null : 1 + random.nextInt(9),
          random.nextBoolean() ? null : label,
          quantities(random),
          map(random, 2)));
      builder.executor(
          new NamedExecutor("executor" + i, "batch", null, "pool" + i, map(random, 2)));
      builder.assignment("worker " + i, "executor" + i).config(label, value(random, 2));
    }
    return builder.build();
  }

  private static Workers workers(Random random) {
    int min = random.nextInt(5);
    return new Workers(min, Math.max(1, min + random.nextInt(3)));
  }

  private static Quantities quantities(Random random) {
    return new Quantities(
        random.nextBoolean() ? null : 1 + random.nextInt(64),
        random.nextBoolean() ? null : MemorySize.ofBytes(random.nextLong(1L << 50)),
        random.nextBoolean() ? null : MemorySize.parse(random.nextInt(100) + "Gi"),
        random.nextBoolean() ? null : random.nextInt(8),
        random.nextBoolean() ? null : 1 + random.nextInt(8),
        random.nextBoolean() ? null : 1 + random.nextInt(8));
  }

  private static <E extends Enum<E>> E oneOf(Class<E> type, Random random) {
    List<E> all = List.copyOf(EnumSet.allOf(type));
    return all.get(random.nextInt(all.size()));
  }

  private static String name(Random random) {
    String text = TEXTS.get(random.nextInt(TEXTS.size()));
    return text.isBlank() || text.length() > 100 ? "name" : text;
  }

  private static String text(Random random) {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  private static Map<String, @Nullable Object> map(Random random, int depth) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      map.put("k" + i + name(random), value(random, depth - 1));
    }
    return map;
  }

  private static @Nullable Object value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 9 : 7)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> random.nextInt();
      case 3 -> (1L << 40) + random.nextInt();
      case 4 -> random.nextBoolean() ? random.nextGaussian() * 1e30 : (double) random.nextInt(10);
      case 5 -> new BigInteger(80, random).setBit(70);
      case 6 -> text(random);
      case 7 -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
          list.add(value(random, depth - 1));
        }
        yield list;
      }
      default -> map(random, depth);
    };
  }
}
