package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.code.ContainerSpec;
import dev.muster.code.RuntimeSpec;
import dev.muster.execution.Pool;
import dev.muster.internal.process.ProcessMark;
import dev.muster.value.FileRef;
import dev.muster.value.JsonValues;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Stage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of containers. What is decided for each row is in {@code container-specs.json}: what fills the slots in
 * Python is tested with that.
 */
class ContainerCasesTest {
  private static final List<String> KINDS = List.of("apptainer", "singularity", "podman", "docker");
  private static final String SPECS = "container-specs.json";

  @TempDir
  Path directory;

  private static Map<?, ?> file(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ContainerCasesTest.class.getResourceAsStream(name), name)) {
      return (Map<?, ?>) Objects.requireNonNull(JsonValues.parse(in.readAllBytes()));
    }
  }

  private static Stream<Arguments> rows(String part, String title) throws IOException {
    return ((List<?>) Objects.requireNonNull(file("container-cases.json").get(part)))
        .stream().map(each -> Arguments.of(((Map<?, ?>) each).get(title), each));
  }

  static Stream<Arguments> calls() throws IOException {
    return rows("calls", "name");
  }

  static Stream<Arguments> versions() throws IOException {
    return rows("versions", "version");
  }

  static Stream<Arguments> refusals() throws IOException {
    return rows("refusals", "said");
  }

  static Stream<Arguments> images() throws IOException {
    return rows("images", "image");
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the table says what it is
  private static <T> T get(Map<String, ?> row, String name) {
    return (T) Objects.requireNonNull(row.get(name));
  }

  private static ContainerSpec spec(Map<String, ?> row) {
    Pool pool = Pool.builder("default")
        .gpus(ContainerCasesTest.<Boolean>get(row, "gpus") ? 1 : 0)
        .build();
    Map<String, ?> config =
        Map.of("container_runtime", get(row, "runtime"), "container_options", get(row, "options"));
    return ContainerSpec.of(get(row, "image"), config, List.of(pool));
  }

  private static ContainerRuntime runtime(String kind) {
    ContainerSpec any = ContainerSpec.of("img", Map.of("container_runtime", kind), List.of());
    return new ContainerRuntime(any.way("").runtimes().get(0), Path.of("/x"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  void aCallIsWrittenAsTheTableSays(String name, Map<String, ?> row) {
    RuntimeSpec spec = spec(row).way("default").runtimes().get(0);
    RuntimeSpec.Use use = Objects.requireNonNull(spec.uses().get(get(row, "use")));
    ContainerImage image = new ContainerImage(get(row, "image"), use);
    ContainerCall call = new ContainerCall(
        new ContainerRuntime(spec, Path.of(ContainerCasesTest.<String>get(row, "runtime"))),
        image,
        image.reference(),
        "muster-1",
        Path.of(ContainerCasesTest.<String>get(row, "cwd")),
        ContainerCasesTest.<List<String>>get(row, "folders").stream()
            .map(Path::of)
            .toList(),
        get(row, "variables"),
        ContainerCasesTest.<Number>get(row, "uid").longValue(),
        ContainerCasesTest.<Number>get(row, "gid").longValue(),
        get(row, "command"));
    List<String> argv = call.argv().stream()
        .map(word -> word.startsWith("mkfifo -m 600 ") ? "GUARD" : word)
        .toList();
    assertThat(argv).isEqualTo(row.get("argv"));
    assertThat(call.environment()).isEqualTo(row.get("environment"));
    if (call.plain()) {
      assertThat(call.marked().get(1)).endsWith("ENV_" + ProcessMark.VARIABLE);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("versions")
  void aVersionIsKnownToTakeValuesAsTheyAre(String version, Map<String, ?> row) {
    assertThat(runtime(get(row, "kind")).literal(version)).isEqualTo(row.get("literal"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void onlyWhatTheRuntimeSaysMeansThatNothingWasStarted(String said, Map<String, ?> row)
      throws IOException {
    Path log = Files.writeString(directory.resolve("stderr"), said + "\n");
    int code = ContainerCasesTest.<Number>get(row, "code").intValue();
    assertThat(Containers.failedToStart(runtime(get(row, "kind")), code, log))
        .isEqualTo(row.get("refused"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("images")
  void anImageIsFoundAsTheTableSays(String image, Map<String, ?> row) throws IOException {
    Files.createDirectory(directory.resolve("folder"));
    for (String file : List.of("image.tar", "image.tar.gz", "image.sif")) {
      Files.createFile(directory.resolve(file));
    }
    String base = directory.toString();
    ContainerSpec spec = ContainerSpec.of(image, Map.of(), List.of());
    Map<String, ContainerRuntime> runtimes = new LinkedHashMap<>();
    spec.way("")
        .runtimes()
        .forEach(
            each -> runtimes.put(each.kind(), new ContainerRuntime(each, Path.of("/usr/bin/x"))));
    assertThat(runtimes.keySet()).containsExactlyElementsOf(KINDS);
    String expected = ContainerCasesTest.<String>get(row, "name").replace("BASE", base);
    if (row.get("form") == null) {
      ContainerRuntime apptainer = Objects.requireNonNull(runtimes.get("apptainer"));
      assertThatThrownBy(() -> ContainerImage.find(spec, apptainer, directory))
          .hasMessage(expected);
      return;
    }
    Map<String, String> references = get(row, "references");
    references.forEach((kind, reference) -> {
      ContainerRuntime runtime = Objects.requireNonNull(runtimes.get(kind));
      if (reference == null) {
        assertThatThrownBy(() -> ContainerImage.find(spec, runtime, directory))
            .hasMessageContaining(kind + " cannot run the container image");
      } else {
        ContainerImage found = ContainerImage.find(spec, runtime, directory);
        assertThat(found.name()).isEqualTo(expected);
        assertThat(found.reference()).isEqualTo(reference.replace("BASE", base));
      }
    });
  }

  static Stream<Arguments> folders() throws IOException {
    return rows("folders", "name");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("folders")
  void foldersAreMountedAsTheTableSays(String name, Map<String, ?> row) throws Exception {
    Path root = directory.toRealPath();
    for (String folder : ContainerCasesTest.<List<String>>get(row, "folders")) {
      Files.createDirectories(root.resolve(folder));
    }
    for (String file : ContainerCasesTest.<List<String>>get(row, "files")) {
      Files.createFile(root.resolve(file));
    }
    for (Map.Entry<String, String> link :
        ContainerCasesTest.<Map<String, String>>get(row, "links").entrySet()) {
      Files.createSymbolicLink(root.resolve(link.getKey()), root.resolve(link.getValue()));
    }
    Path base = root.resolve("base");
    Path program = Files.writeString(base.resolve("podman"), "#!/bin/sh\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    ContainerSpec spec =
        ContainerSpec.of("img", Map.of("container_runtime", "./podman"), List.of());
    FakeContext context = new FakeContext(Stage.builder("Say").op("shell").build(), base);
    context.dataset = new Dataset("data", get(row, "data"), List.of(), Map.of());
    context.input("x", paths(root, get(row, "inputs")));
    List<String> argv = new Container(new Containers(), spec, base, List.of())
        .call(
            List.of("true"),
            root.resolve(ContainerCasesTest.<String>get(row, "cwd")),
            Map.of(),
            context,
            ContainerCasesTest.<List<String>>get(row, "outputs").stream()
                .map(root::resolve)
                .toList())
        .argv();
    assertThat(argv.stream().filter(word -> word.startsWith("type=bind")))
        .map(word -> word.substring(word.indexOf("target=") + 7))
        .containsExactlyElementsOf(ContainerCasesTest.<List<String>>get(row, "mounts").stream()
            .map(each -> root.resolve(each).toString())
            .toList());
  }

  private static Object paths(Path root, Object given) {
    return given instanceof List<?> list
        ? list.stream().map(each -> paths(root, each)).toList()
        : FileRef.of(root.resolve((String) given));
  }

  /** Where it is wrong, what it should be is in the folder {@code target}. */
  @Test
  void whatPythonIsTestedWithIsWhatIsDecidedHere() throws IOException {
    Map<String, Object> calls = new LinkedHashMap<>();
    for (Arguments each : calls().toList()) {
      Map<String, ?> row = row(each);
      calls.put(get(row, "name"), runtimes(spec(row)).get(0));
    }
    Map<String, Object> kinds = new LinkedHashMap<>();
    for (String kind : KINDS) {
      kinds.put(
          kind,
          runtimes(ContainerSpec.of("img", Map.of("container_runtime", kind), List.of()))
              .get(0));
    }
    Map<String, Object> images = new LinkedHashMap<>();
    for (Arguments each : images().toList()) {
      String image = get(row(each), "image");
      Map<String, ?> json = ContainerSpec.of(image, Map.of(), List.of()).json(List.of());
      Map<String, Object> uses = new LinkedHashMap<>();
      for (Map<?, ?> runtime : runtimes(ContainerSpec.of(image, Map.of(), List.of()))) {
        uses.put(String.valueOf(runtime.get("kind")), runtime.get("uses"));
      }
      Map<String, Object> made = new LinkedHashMap<>();
      made.put("path", json.get("path"));
      made.put("name", json.get("name"));
      made.put("uses", uses);
      images.put(image, made);
    }
    Map<String, Object> made = new LinkedHashMap<>();
    made.put("calls", calls);
    made.put("kinds", kinds);
    made.put("images", images);
    made.put(
        "mounts", ContainerSpec.of("img", Map.of(), List.of()).json(List.of()).get("mounts"));
    byte[] text = JsonValues.text(made, "specs").getBytes(StandardCharsets.UTF_8);
    if (!Objects.equals(JsonValues.parse(text), file(SPECS))) {
      Files.write(Files.createDirectories(Path.of("target")).resolve(SPECS), text);
    }
    assertThat(JsonValues.parse(text)).isEqualTo(file(SPECS));
  }

  @SuppressWarnings("unchecked") // rows are mappings
  private static Map<String, ?> row(Arguments arguments) {
    return (Map<String, ?>) arguments.get()[1];
  }

  private static List<Map<?, ?>> runtimes(ContainerSpec spec) {
    List<Map<?, ?>> found = new ArrayList<>();
    List<?> ways = (List<?>) Objects.requireNonNull(spec.json(List.of()).get("ways"));
    Map<?, ?> last = (Map<?, ?>) ways.get(ways.size() - 1);
    ((List<?>) Objects.requireNonNull(last.get("runtimes")))
        .forEach(each -> found.add((Map<?, ?>) each));
    return found;
  }
}
