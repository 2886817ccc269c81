package dev.muster.plan;

import static dev.muster.plan.Planning.assertGolden;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.Muster;
import dev.muster.execution.Credentials;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.execution.PoolProfile;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.execution.Workers;
import dev.muster.resource.Quantities;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.ProcessOn;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

class PlanPrintTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  static Workflow dimuon() {
    return Workflow.builder()
        .name("dimuon")
        .dataset(new Dataset(
            "ttbar", List.of("t1.csv", "t2.csv", "t3.csv"), List.of(), Map.of("eventtype", "mc")))
        .dataset(new Dataset("run1", List.of("r1.csv"), List.of(), Map.of("eventtype", "data")))
        .partitioning(Partitioning.byFile())
        .stage("BuildIndex")
        .op("custom.build_index")
        .require("high_memory")
        .timeout("2h")
        .retry(new Retry(2, Duration.ofSeconds(10), "high_memory"))
        .stage("Weights")
        .op("custom.weights")
        .appliesTo(Map.of("eventtype", "mc"))
        .scope(Scope.DATASET)
        .environment(environment -> environment
            .image("docker.io/root:6.28")
            .envFile(Path.of("conf/weights.env"))
            .resources(Quantities.builder().memory("2GB").build()))
        .stage("RunInference")
        .op("custom.inference")
        .prefer("gpu", "default")
        .needs("BuildIndex", "Weights")
        .from("BuildIndex")
        .modifier("gpu.preload")
        .modifier(new Modifier("cuda.jit", Map.of("functions", List.of("kernel"), "cache", true)))
        .environment(environment -> environment
            .variable("MODEL", "v3")
            .variable("API_TOKEN", "s3cret")
            .processOn(ProcessOn.GPU))
        .stage("Histogram")
        .op("hep.hist")
        .scope(Scope.GLOBAL)
        .from(List.of(
            new StageInput("RunInference", "mass", "mll"), new StageInput("Weights", null, null)))
        .stage("Plot")
        .op("hep.plot")
        .backend("local")
        .scope(Scope.GLOBAL)
        .build();
  }

  static List<Layer> layers() {
    Layer site = Layer.of(
        "site /etc/muster/site.yaml",
        Execution.builder()
            .strategy("slurm")
            .profile(new PoolProfile(
                "gpu_worker",
                null,
                null,
                null,
                Quantities.builder().gpus(1).memory("16GB").build(),
                Map.of("queue", "gpu")))
            .config("account", "cms")
            .config("submit_token", "s3cret")
            .build());
    Layer workflow = Layer.of(
        "workflow dimuon.yaml",
        Execution.builder()
            .backend("dask")
            .pool("default", pool -> pool.workers(20).cpus(1).memory("4GB"))
            .pool(
                "high_memory",
                pool -> pool.workers(2).cpus(8).memory("128GB").config("walltime", "04:00:00"))
            .pool("gpu", pool -> pool.use("gpu_worker").workers(new Workers(0, 4)))
            .environment(new WorkerEnvironment("packed-pixi", Map.of("archive_path", "env.sh")))
            .staging(Staging.TRANSFER)
            .credentials(new Credentials(List.of("x509", "scitokens"), null))
            .build());
    Layer command = Layer.of(
        "command line",
        Execution.builder().pool("default", pool -> pool.workers(40)).build());
    return List.of(site, workflow, command);
  }

  static Plan dimuonPlan() {
    return Planner.plan(dimuon(), layers(), Planning.MACHINE);
  }

  @Test
  void yamlIsGolden() throws IOException {
    assertGolden("dimuon.yaml", dimuonPlan().toYaml());
  }

  @Test
  void jsonIsGolden() throws IOException {
    assertGolden("dimuon.json", dimuonPlan().toJson());
  }

  @Test
  void mermaidIsGolden() throws IOException {
    assertGolden("dimuon.mmd", dimuonPlan().toMermaid());
  }

  @Test
  void dotIsGolden() throws IOException {
    assertGolden("dimuon.dot", dimuonPlan().toDot());
  }

  @Test
  void yamlAndJsonHaveTheSameStructure() {
    Plan plan = dimuonPlan();
    assertThat(YAML.readTree(plan.toYaml())).isEqualTo(JSON.readTree(plan.toJson()));
  }

  @Test
  void theSmallestPlanPrints() throws IOException {
    Plan plan = Planning.plan(Workflow.builder().stage("A").build(), Execution.local());
    assertGolden("smallest.yaml", plan.toYaml());
    assertThat(YAML.readTree(plan.toYaml())).isEqualTo(JSON.readTree(plan.toJson()));
  }

  @Test
  void secretsArePrintedNowhere() {
    Plan plan = dimuonPlan();
    for (String text : List.of(
        plan.toYaml(),
        plan.toJson(),
        plan.toDot(),
        plan.toMermaid(),
        plan.explain("RunInference").toString())) {
      assertThat(text).doesNotContain("s3cret").doesNotContain("v3");
    }
    assertThat(plan.toYaml())
        .contains("API_TOKEN", "conf/weights.env", "submit_token: {value: \"(hidden)\"");
  }

  @Test
  void mapsOfUsersArePrintedInOneOrder() {
    Execution.Builder execution = Execution.builder();
    Map<String, Object> forth = new java.util.LinkedHashMap<>();
    Map<String, Object> back = new java.util.LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      forth.put("k" + i, i);
      back.put("k" + (19 - i), 19 - i);
    }
    Workflow workflow = Workflow.builder().stage("A").build();
    String one =
        Planning.plan(workflow, execution.config("options", forth).build()).toYaml();
    String other =
        Planning.plan(workflow, execution.config("options", back).build()).toYaml();
    assertThat(one).isEqualTo(other);
  }

  @Test
  void anyValueOfAConfigPrints() {
    List<Object> values = new ArrayList<>(List.of(
        1,
        2L,
        2.5,
        1e300,
        Double.NaN,
        Double.NEGATIVE_INFINITY,
        new java.math.BigDecimal("1.10"),
        true,
        List.of(List.of(1), Map.of()),
        Map.of("password", "s3cret"),
        Path.of("x").getFileSystem()));
    values.add(null);
    Execution execution =
        Execution.builder().config("values", values).config("nothing", null).build();
    Plan plan = Planning.plan(Workflow.builder().stage("A").build(), execution);
    JsonNode json = JSON.readTree(plan.toJson());
    assertThat(YAML.readTree(plan.toYaml())).isEqualTo(json);
    assertThat(plan.toJson()).doesNotContain("s3cret");
    assertThat(json.at("/execution/config/values/value").size()).isEqualTo(values.size());
    assertThat(json.at("/execution/config/values/value/4").asString()).isEqualTo("NaN");
    assertThat(json.at("/execution/config/nothing/value").isNull()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a \"quoted\" name",
        "back\\slash",
        "two\nlines",
        "tab\there",
        "carriage\rreturn",
        "schöne Größe",
        "文字",
        "emoji 👩‍🔬",
        "line\u2028separator",
        "byte order \ufeff mark",
        "bell\u0007",
        "del\u007f",
        "next\u0085line",
        "null",
        "true",
        "Yes",
        "off",
        "~",
        "1.10",
        "1e3",
        "0x1F",
        "04:00:00",
        "- item",
        "key: value",
        "# comment",
        "*alias",
        "&anchor",
        "!tag",
        "| block",
        "> folded",
        "%YAML 1.2",
        "@at",
        "`tick`",
        "{a: b}",
        "[a]",
        "a, b",
        " leading",
        "trailing ",
        "?",
        "-",
        "---",
        "...",
        "<<",
        "=",
        "'single'",
        "$$x$$",
        "</script>",
        "a;b",
        "s0[\"x\"]",
        "end",
        "end\"] --> s1",
        "%%{init: {}}%%",
        "\\N",
        "&lt;",
        "16GB",
        "16GBx",
        "a#b",
        "a #b",
        "x:",
        "🦀:"
      })
  void hostileNamesStayThemselves(String name) throws IOException {
    String pool = name.replace('\n', ' ').replace('\r', ' '); // a line break is refused in its name
    Plan plan = Planning.plan(
        Workflow.builder()
            .name(name)
            .dataset(name, "f")
            .stage(name)
            .op(name)
            .require(pool)
            .modifier(new Modifier(name, Map.of(name, name)))
            .stage("after " + name)
            .scope(Scope.GLOBAL)
            .from(List.of(new StageInput(name, name, name)))
            .require(pool)
            .build(),
        Execution.builder().pool(pool, p -> p.config(name, name)).build());

    JsonNode json = JSON.readTree(plan.toJson());
    assertThat(YAML.readTree(plan.toYaml())).isEqualTo(json);
    assertThat(json.at("/stages/0/id").asString()).isEqualTo(name);
    assertThat(json.at("/stages/0/pools/0").asString()).isEqualTo(pool);
    assertThat(json.at("/stages/1/waits_for/0/inputs/0/port").asString()).isEqualTo(name);
    assertThat(json.get("pools").get(pool).get("config").get(name).get("value").asString())
        .isEqualTo(name);
    assertThat(plan.toJson().codePoints().allMatch(c -> c == '\n' || !Character.isISOControl(c)))
        .isTrue();

    // One statement a line, whatever the names: braces, two nodes, one edge, one class.
    assertThat(plan.toDot().lines()).hasSize(7);
    assertThat(plan.toMermaid().lines()).hasSize(5);
    assertThat(quotes(plan.toMermaid())).isEqualTo(4);
    assertThat(quotes(plan.toDot().replace("\\\\", "").replace("\\\"", "")) % 2).isZero();
  }

  @Test
  void refusesNulInNames() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Workflow.builder().stage("nul\0byte").op("x").build())
        .withMessageContaining("the id of a stage has a NUL character: nul\\u0000byte");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Workflow.builder().dataset("nul\0byte", "f"))
        .withMessageContaining("the name of a dataset has a NUL character");
  }

  private static long quotes(String text) {
    return text.chars().filter(c -> c == '"').count();
  }

  @Test
  void brokenSurrogatesArePrintedAsTheReplacementCharacter() {
    String name = "broken \ud83d name";
    Plan plan = Planning.plan(Workflow.builder().stage(name).build(), Execution.local());
    JsonNode json = JSON.readTree(plan.toJson());
    assertThat(json.at("/stages/0/id").asString()).isEqualTo("broken \ufffd name");
    assertThat(YAML.readTree(plan.toYaml())).isEqualTo(json);
    assertThat(java.nio.charset.StandardCharsets.UTF_8
            .newEncoder()
            .canEncode(plan.toDot() + plan.toMermaid()))
        .isTrue();
  }

  @Test
  void escapesOfMermaidAndDotAreTheirLanguages() {
    Plan plan =
        Planning.plan(Workflow.builder().stage("a\"b\\c<d>&e").op("o").build(), Execution.local());
    assertThat(plan.toMermaid())
        .contains("[\"a#34;b#92;c#60;d#62;#38;e<br/>o<br/>default, 1 task\"]");
    assertThat(plan.toDot()).contains("label=\"a\\\"b\\\\c<d>&amp;e\\no\\ndefault, 1 task\"");
  }

  @Test
  void linesAreShortWhereTheyCanBe() {
    for (String line : dimuonPlan().toYaml().lines().toList()) {
      assertThat(line.length()).as(line).isLessThanOrEqualTo(100);
    }
    Iterator<String> lines = dimuonPlan().toJson().lines().iterator();
    assertThat(lines.next()).isEqualTo("{");
  }

  /** A chain in which each stage waits for all before it: its text is larger than what is held of it. */
  @ParameterizedTest
  @EnumSource(PlanFormat.class)
  void leavesInPiecesOfWholeLines(PlanFormat format) throws IOException {
    Workflow.Builder builder = Workflow.builder().name("all");
    List<String> before = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      String id = "Stage" + i;
      String[] needs = before.toArray(String[]::new);
      builder.stage(id, stage -> stage.op("custom.op").needs(needs));
      before.add(id);
    }
    Plan plan = Muster.plan(builder.build(), Execution.local());
    List<String> pieces = new ArrayList<>();
    plan.write(format, new Pieces(pieces));
    assertThat(pieces).hasSizeGreaterThan(4).allMatch(piece -> piece.endsWith("\n"));
    assertThat(pieces).allMatch(piece -> piece.length() < 40_000);
    String whole = switch (format) {
      case YAML -> plan.toYaml();
      case JSON -> plan.toJson();
      case MERMAID -> plan.toMermaid();
      case DOT -> plan.toDot();
    };
    assertThat(String.join("", pieces)).isEqualTo(whole);
  }

  private record Pieces(List<String> pieces) implements Appendable {
    @Override
    public Appendable append(CharSequence piece) {
      pieces.add(piece.toString());
      return this;
    }

    @Override
    public Appendable append(CharSequence text, int from, int to) {
      return append(text.subSequence(from, to));
    }

    @Override
    public Appendable append(char character) {
      return append(Character.toString(character));
    }
  }
}
