package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.batch.spi.Credential;
import dev.muster.batch.spi.CredentialContext;
import dev.muster.batch.spi.CredentialProvider;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskFailure;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partitioning;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands in real containers, run by this JVM and by Dask workers. */
@Timeout(240)
class ContainersIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final Duration MOST_LEFT = Duration.ofSeconds(15);

  @TempDir
  private static Path home;

  private static Containers containers;

  @TempDir
  private Path folder;

  private Path base;
  private Path directory;

  /** How long commands sleep that are looked for: no other process of this machine has the number. */
  private final String seconds = Long.toString(1_000_000_000 + System.nanoTime() % 1_000_000_000);

  @BeforeAll
  static void makeContainers() throws Exception {
    containers = Containers.in(home);
  }

  @BeforeEach
  void makeWorkspace() throws IOException {
    base = Files.createDirectory(folder.resolve("it's a \"base\", really"));
    directory = folder.resolve("run");
    Files.copy(home.resolve("busybox.tar"), base.resolve("busybox.tar"));
  }

  @AfterEach
  void noContainerIsLeft() throws Exception {
    assertThat(containers.containers()).isEmpty();
  }

  @AfterAll
  static void nobodyIsLeft() throws Exception {
    containers.awaitNone();
    containers.end();
  }

  private static Execution.Builder execution(String backend) {
    return Execution.builder()
        .backend(backend)
        .config("container_runtime", containers.program())
        .config("python", System.getProperty("muster.dask.python", "/usr/bin/python3"))
        .pool("default", pool -> pool.workers(1));
  }

  private static Consumer<Stage.Builder> shell(String command) {
    return shell(command, "./busybox.tar");
  }

  private static Consumer<Stage.Builder> shell(Object command, String image) {
    return stage -> stage
        .op("shell")
        .param("command", command)
        .environment(environment -> environment.image(image));
  }

  private Workflow.Builder workflow() {
    return Workflow.builder().name("boxes").baseDirectory(base);
  }

  private Run start(Workflow workflow, Execution execution) {
    return Muster.start(
        workflow,
        execution,
        RunOptions.builder().directory(directory).keepValues(true).build());
  }

  private RunResult run(Workflow workflow, Execution execution) {
    try (Run run = start(workflow, execution)) {
      return Objects.requireNonNull(run.await(LIMIT), "it did not end");
    }
  }

  /** A credential of a kind of its own. */
  private record Note(Path file) implements CredentialProvider {
    @Override
    public String kind() {
      return "note";
    }

    @Override
    public String variable() {
      return "NOTE_FILE";
    }

    @Override
    public String renewal() {
      return "a pencil";
    }

    @Override
    public Credential find(CredentialContext context) {
      return new Credential(file.toString(), file, Instant.now().plusSeconds(3600));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void commandsHaveTheCredentialsOfTheRun(String backend) throws Exception {
    Path file = Files.writeString(folder.resolve("note"), "be good\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    RunOptions options = RunOptions.builder()
        .directory(directory)
        .keepValues(true)
        .plugin(new Note(file))
        .build();
    Workflow workflow = workflow()
        .stage("Box", shell("cat \"$NOTE_FILE\"; stat -c %a \"$NOTE_FILE\""))
        .build();
    Execution execution = execution(backend).credentials("note").build();
    try (Run run = Muster.start(workflow, execution, options)) {
      RunResult result = Objects.requireNonNull(run.await(LIMIT), "it did not end");
      assertThat(result.orThrow().stage("Box").value()).isEqualTo("be good\n600");
    }
    assertThat(directory.resolve("debug/credentials")).doesNotExist();
  }

  private TaskFailure failure(String backend, Consumer<Stage.Builder> stage) {
    RunResult result =
        run(workflow().stage("Box", stage).build(), execution(backend).build());
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    return Objects.requireNonNull(result.failures().get(0).failure());
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void commandsFindTheImageTheirFoldersAndTheirVariables(String backend) throws Exception {
    Path elsewhere = Files.createDirectories(folder.resolve("else/where"));
    Files.writeString(elsewhere.resolve("real.csv"), "91.2\n");
    Files.createSymbolicLink(base.resolve("linked.csv"), elsewhere.resolve("real.csv"));
    Workflow workflow = workflow()
        .dataset(new Dataset("data", List.of("linked.csv"), List.of(), Map.of()))
        .partitioning(Partitioning.byFile())
        .stage(
            "Write",
            shell(
                    ". /etc/os-release; echo \"$NAME\"; echo \"$name\"; echo \"$LINES\"; echo \"$EMPTY|\";"
                        + " echo \"$MUSTER_STAGE\"; cat {files}; id -u; id -g; echo \"{params.title}\";"
                        + " [ -e /usr/bin/python3 ] || echo no python; echo \"$PATH\";"
                        + " mkdir deep; echo 1 > deep/own.txt")
                .andThen(stage -> stage
                    .param("title", "it's \"$HOME\" `id`")
                    .param("outputs", Map.of("own", "deep/own.txt"))
                    .param("capture", "lines")
                    .environment(environment -> environment
                        .image("./busybox.tar")
                        .variable("name", "the stage's")
                        .variable("EMPTY", "")
                        .variable("PATH", "/bin:/opt/nothing")
                        .variable("LINES", "one\ntwo"))))
        .stage(
            "Read",
            shell("cat {input.Write.own}; cat")
                .andThen(stage -> stage.param("stdin", "from {stage}\n").from("Write")))
        .build();
    RunResult result = run(workflow, execution(backend).build()).orThrow();
    Map<?, ?> written = (Map<?, ?>) Objects.requireNonNull(result.stage("Write").value());
    Object uid = Files.getAttribute(base, "unix:uid");
    assertThat(written.get("stdout"))
        .isEqualTo(List.of(
            "Muster example image",
            "the stage's",
            "one",
            "two",
            "|",
            "Write",
            "91.2",
            uid.toString(),
            Files.getAttribute(base, "unix:gid").toString(),
            "it's \"$HOME\" `id`",
            "no python",
            "/bin:/opt/nothing"));
    Path own = ((FileRef) Objects.requireNonNull(written.get("own"))).path();
    assertThat(Files.getAttribute(own, "unix:uid")).isEqualTo(uid);
    assertThat(result.stage("Read").value()).isEqualTo("1\nfrom Read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void anExitCodeComesWithTheEndOfTheLog(String backend) {
    TaskFailure failure = failure(backend, shell("echo reason >&2; exit 3"));
    assertThat(failure.kind()).isEqualTo(FailureKind.OPERATION);
    assertThat(failure.message()).contains("exit code 3", "reason");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void anExitCodeIsToldWithoutALogToo(String backend) {
    TaskFailure failure = failure(backend, shell("exit 3"));
    assertThat(failure.kind()).isEqualTo(FailureKind.OPERATION);
    assertThat(failure.exitCode()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aProgramThatTheImageLacksIsTold(String backend) {
    TaskFailure failure = failure(backend, shell(List.of("root", "-b"), "./busybox.tar"));
    assertThat(failure.message())
        .contains(
            containers.plain()
                ? List.of("exit code 255", "executable file not found")
                : List.of("exit code 127", "the image has no such program", containers.program()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void anImageThatCannotBeHadIsToldInTheRuntimesWords(String backend) {
    TaskFailure failure = failure(backend, shell("true", "localhost:9/nothing:1"));
    assertThat(failure.kind()).isEqualTo(FailureKind.ENVIRONMENT);
    assertThat(failure.message())
        .contains(
            containers.plain()
                ? "the container was not started: "
                : "the container image localhost:9/nothing:1 cannot be had with ",
            "localhost:9/nothing:1",
            containers.program())
        .contains("connection refused");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void anArchiveThatIsNoneIsToldInTheRuntimesWords(String backend) throws IOException {
    Files.writeString(base.resolve("odd.tar"), "no archive");
    TaskFailure failure = failure(backend, shell("true", "./odd.tar"));
    assertThat(failure.kind()).isEqualTo(FailureKind.ENVIRONMENT);
    assertThat(failure.message())
        .contains(
            containers.plain() ? "the container was not started" : "odd.tar cannot be had",
            containers.complaint());
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void optionsOfASiteReachTheRuntimeAndWrongOnesAreItsToTell(String backend) throws Exception {
    Path more = Files.createDirectory(folder.resolve("more"));
    Files.writeString(more.resolve("file"), "seen");
    Workflow workflow = workflow().stage("Box", shell("cat /more/file")).build();
    Execution site = execution(backend)
        .pool("default", pool -> pool.config("container_options", containers.mount(more, "/more")))
        .build();
    assertThat(run(workflow, site).orThrow().stage("Box").value()).isEqualTo("seen");
    directory = folder.resolve("second run");
    RunResult result = run(
        workflow,
        execution(backend).config("container_options", List.of("--nonsense")).build());
    TaskFailure failure = Objects.requireNonNull(result.failures().get(0).failure());
    assertThat(failure.kind()).isEqualTo(FailureKind.ENVIRONMENT);
    assertThat(failure.message()).contains("the container was not started", "--nonsense");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void twoArchivesWithImagesOfOneNameAreTwo(String backend) throws Exception {
    Containers.image(base.resolve("other.tar"), "the other");
    String command = ". /etc/os-release; echo \"$NAME\"";
    Workflow workflow = workflow()
        .stage("First", shell(command))
        .stage("Second", shell(command, "./other.tar"))
        .stage("Third", shell(command))
        .build();
    RunResult result = run(workflow, execution(backend).build()).orThrow();
    assertThat(List.of(
            Objects.requireNonNull(result.stage("First").value()),
            Objects.requireNonNull(result.stage("Second").value()),
            Objects.requireNonNull(result.stage("Third").value())))
        .containsExactly("Muster example image", "the other", "Muster example image");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aCancelledCommandLeavesNoContainer(String backend) {
    Workflow workflow =
        workflow().stage("Box", shell("echo x > {base_dir}/at-work; sleep 600")).build();
    try (Run run = start(workflow, execution(backend).build())) {
      await().atMost(LIMIT).until(() -> Files.exists(base.resolve("at-work")));
      run.cancel();
      assertThat(Objects.requireNonNull(run.await(LIMIT)).status()).isEqualTo(RunStatus.CANCELLED);
    }
    containers.awaitNone();
  }

  private Workflow.Builder modified() throws IOException {
    Files.writeString(base.resolve("mods.py"), """
        class Mark:
            def around_node(self, call, ctx):
                return '<%s> in %s' % (call(), ctx.stage)
        """);
    return workflow().registry(new Registry(Map.of(), Map.of("mark", "mods:Mark")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aModifierInPythonIsAroundACommandInAnImage(String backend) throws Exception {
    Workflow workflow = modified()
        .stage(
            "Box",
            shell(". /etc/os-release; echo \"$NAME $MODE {params.n} $(pwd)\"; id -u")
                .andThen(stage -> stage
                    .param("n", "a b")
                    .param("cwd", ".")
                    .modifier("mark")
                    .environment(environment ->
                        environment.image("./busybox.tar").variable("MODE", "quick"))))
        .build();
    Object uid = Files.getAttribute(base, "unix:uid");
    assertThat(run(workflow, execution(backend).build()).orThrow().stage("Box").value())
        .isEqualTo(
            "<Muster example image quick a b " + base.toRealPath() + "\n" + uid + "> in Box");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aModifiedCommandThatIsCancelledLeavesNoContainer(String backend) throws Exception {
    Workflow workflow = modified()
        .stage(
            "Box",
            shell("trap '' TERM; echo x > {base_dir}/at-work; sleep 600")
                .andThen(stage -> stage.modifier("mark")))
        .build();
    try (Run run = start(workflow, execution(backend).build())) {
      await().atMost(LIMIT).until(() -> Files.exists(base.resolve("at-work")));
      run.cancel();
      assertThat(Objects.requireNonNull(run.await(LIMIT)).status()).isEqualTo(RunStatus.CANCELLED);
    }
    containers.awaitNone();
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aCommandThatIsOutOfTimeLeavesNoContainer(String backend) {
    TaskFailure failure = failure(
        backend,
        shell("trap '' TERM; echo x > {base_dir}/at-work; sleep 600")
            .andThen(stage -> stage.timeout(Duration.ofSeconds(4))));
    assertThat(failure.kind()).isEqualTo(FailureKind.TIMEOUT);
    assertThat(base.resolve("at-work")).exists();
    containers.awaitNone();
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void valuesOfVariablesAreOnNoCommandLineAndInNoFile(String backend) throws Exception {
    String secret = "s3cr3t-of-the-stage";
    Workflow workflow = workflow()
        .stage(
            "Box",
            shell("echo \"$TOKEN\" | sha256sum > {base_dir}/at-work.new;"
                    + " mv {base_dir}/at-work.new {base_dir}/at-work;"
                    + " while [ ! -e {base_dir}/go ]; do sleep 0.1; done")
                .andThen(stage -> stage.environment(
                    environment -> environment.image("./busybox.tar").variable("TOKEN", secret))))
        .build();
    try (Run run = start(workflow, execution(backend).build())) {
      await().atMost(LIMIT).until(() -> Files.exists(base.resolve("at-work")));
      assertThat(commandLines())
          .anyMatch(line ->
              line.contains(containers.plain() ? "Apptainer runtime parent" : "muster-container"));
      assertThat(commandLines()).noneMatch(line -> line.contains(secret));
      Files.createFile(base.resolve("go"));
      Objects.requireNonNull(run.await(LIMIT)).orThrow();
    }
    assertThat(base.resolve("at-work"))
        .content()
        .startsWith(Secrets.hash((secret + "\n").getBytes(StandardCharsets.US_ASCII)));
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile).toList())
          .isNotEmpty()
          .noneMatch(file -> content(file).contains(secret));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aStageChoosesTheShellThatReadsItsCommand(String backend) throws Exception {
    List<String> thisMachines = new ArrayList<>(); // the image has none: busybox alone
    for (String path : List.of("/lib", "/lib64", "/bin/bash")) {
      thisMachines.addAll(containers.mount(Path.of(path).toRealPath(), path));
    }
    String bash =
        "title={params.title}\na=(one 'two three'); [[ $title == *x ]] && echo \"${#a[@]} $title ${BASH##*/}\"";
    Workflow workflow = workflow()
        .stage(
            "Bash",
            shell(bash)
                .andThen(
                    stage -> stage.param("shell", "bash").param("title", "it's \"$HOME\" `id` x")))
        .build();
    RunResult result = run(
            workflow,
            execution(backend).config("container_options", thisMachines).build())
        .orThrow();
    assertThat(result.stage("Bash").value()).isEqualTo("2 it's \"$HOME\" `id` x bash");
    directory = folder.resolve("second run");
    TaskFailure failure =
        failure(backend, shell("true").andThen(stage -> stage.param("shell", "dash")));
    assertThat(failure.message()).contains("dash");
    assertThat(failure.message())
        .containsAnyOf("the image has no such program", "executable file not found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aKilledJvmLeavesNoContainerAndNoProcess(String backend) throws Exception {
    String text = """
        name: boxes
        analysis:
          stages:
            - id: Box
              op: shell
              environment: {image: ./busybox.tar}
              params: {command: "setsid sleep SECONDS & echo x > {base_dir}/at-work; sleep SECONDS"}
        execution:
          backend: %s
          config: {python: %s, container_runtime: '%s'}
          pools: {default: {workers: 1}}
        """;
    String python = System.getProperty("muster.dask.python", "/usr/bin/python3");
    Files.writeString(
        base.resolve("site.yaml"),
        text.formatted(backend, python, containers.program()).replace("SECONDS", seconds));
    MusterProcess process = MusterProcess.start(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        base,
        "run",
        "--run-dir",
        directory.toString());
    try {
      await()
          .atMost(LIMIT)
          .until(() -> Files.exists(base.resolve("at-work")) || !process.running());
      assertThat(ofTheRun())
          .as(process.output())
          .anyMatch(line -> line.contains("sleep\000" + seconds));
      process.signal("KILL");
      process.awaitEnd(LIMIT);
      await().atMost(MOST_LEFT).untilAsserted(() -> {
        assertThat(ofTheRun()).isEmpty();
        assertThat(containers.containers()).isEmpty();
      });
    } finally {
      process.end();
    }
  }

  /** Returns what processes say of themselves that have to do with the run: its folder, or what it runs. */
  private List<String> ofTheRun() throws IOException {
    return Stream.concat(told("cmdline").stream(), told("environ").stream())
        .filter(text -> text.contains(folder.toString()) || text.contains("sleep\000" + seconds))
        .toList();
  }

  private static String content(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new AssertionError(file + " cannot be read", e);
    }
  }

  private static List<String> commandLines() throws IOException {
    return told("cmdline");
  }

  /** Returns what a file of each process in /proc says. */
  private static List<String> told(String file) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      for (Path process :
          all.filter(path -> path.getFileName().toString().matches("\\d+")).toList()) {
        try {
          lines.add(Files.readString(process.resolve(file), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
          // it has ended
        }
      }
    }
    return lines;
  }
}
