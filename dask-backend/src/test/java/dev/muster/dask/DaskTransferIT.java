package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.batch.spi.Credential;
import dev.muster.batch.spi.CredentialContext;
import dev.muster.batch.spi.CredentialProvider;
import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.EnvironmentProvider;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.error.MusterException;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.probe.Finding;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskResult;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose workers have what was sent to them, and nothing else of this host. */
class DaskTransferIT {
  /** A Python whose workers wait when they have heard of their first tasks, before they ask for files. */
  private static final String SLOW = """
      #!/bin/sh
      export DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT=1s
      exec PYTHON -c '
      import os, time
      import muster_dask.runtime as runtime, muster_dask.worker as worker

      learn = runtime.Runtime._learn

      def wait(self, name):
          found = learn(self, name)
          open("FOLDER/learned", "w").close()
          while not os.path.exists("FOLDER/stopped"):
              time.sleep(0.02)
          return found

      runtime.Runtime._learn = wait
      worker.main()' "$5"
      """;

  @TempDir
  Path folder;

  private HiddenSite site;

  @BeforeEach
  void makeSite() throws Exception {
    site = new HiddenSite(folder);
  }

  private Execution one() {
    return site.pools(site.execution(), "default");
  }

  private Execution two() {
    return site.pools(site.execution(), "default", "other");
  }

  private static Object value(RunResult result, String stage) {
    return result.orThrow().stage(stage).tasks().get(0).value();
  }

  @Test
  void workersSeeNothingOfTheSubmitHost() throws Exception {
    List<String> paths = site.hidden.stream().map(Path::toString).toList();
    assertThat(site.hidden).allMatch(Files::isDirectory);
    Workflow workflow =
        site.workflow("sees").stage("sees", s -> s.param("paths", paths)).build();
    assertThat(value(site.run(workflow, one()), "sees")).isEqualTo(List.of());
    assertThat(site.logs())
        .contains("muster: code unpacked, 1 files")
        .contains("muster: worker default-0 is ready");
  }

  @Test
  void filesReachTasksOnOtherWorkersAndTheRunsDirectory() throws Exception {
    Workflow workflow = site.workflow("make", "check")
        .dataset(Dataset.of("data", "a", "b", "c"))
        .stage("make", s -> s.param("size", 5_000_000))
        .stage("check", s -> s.needs("make").require("other"))
        .stage("all", s -> s.op("check").needs("make").scope(Scope.GLOBAL).require("other"))
        .stage("last", s -> s.op("make").needs())
        .build();
    RunResult result = site.run(workflow, two());
    for (TaskResult task : result.orThrow().stage("check").tasks()) {
      assertThat((Map<?, ?>) task.value())
          .isEqualTo(Map.of("made", "default-0", "read", "other-0"));
    }
    assertThat(value(result, "all")).isEqualTo(3L);
    for (TaskResult task : result.stage("last").tasks()) {
      Path file = ((FileRef) ((Map<?, ?>) task.value()).get("file")).path();
      assertThat(file).startsWith(site.directory.resolve("last")).hasSize(992);
      assertThat(file.getFileName()).hasToString("made.bin");
    }
  }

  @Test
  void largeResultsAndFoldersComeToTheRunsDirectory() throws Exception {
    Workflow workflow = site.workflow("large", "folder")
        .stage("large", s -> s.param("megabytes", 100))
        .stage("folder", s -> s.needs())
        .build();
    RunResult result = site.run(workflow, one());
    assertThat((byte[]) value(result, "large")).hasSize(100_000_000);
    assertThat(site.directory.resolve("large/value.bytes")).hasSize(100_000_000);
    Path made = ((FileRef) value(result, "folder")).path();
    assertThat(made).startsWith(site.directory.resolve("folder"));
    assertThat(made.resolve("one")).content().isEqualTo("1");
    assertThat(made.resolve("below/two")).content().isEqualTo("2");
  }

  @Test
  void filesOfAStageInThisJvmReachWorkers() throws Exception {
    Workflow workflow = site.workflow("read_given")
        .stage(
            "java",
            s -> s.run(context -> FileRef.of(Files.writeString(
                    Files.createDirectories(context.outputDirectory()).resolve("x"), "from java")))
                .environment(e -> e.executor("LocalExecutor")))
        .stage("read_given")
        .build();
    assertThat(value(site.run(workflow, one()), "read_given")).isEqualTo("from java");
  }

  @Test
  void datasetFilesOfTheWorkflowsFolderAreBrought() throws Exception {
    Files.createDirectories(site.base.resolve("data"));
    Files.writeString(site.base.resolve("data/a.txt"), "A");
    Files.writeString(site.base.resolve("data/b.txt"), "B");
    Workflow workflow = site.workflow("read_data")
        .dataset(Dataset.of("data", "data/a.txt", "data/b.txt"))
        .stage("read_data")
        .build();
    RunResult result = site.run(workflow, one());
    assertThat(result.orThrow().stage("read_data").tasks())
        .extracting(TaskResult::value)
        .containsExactly("A", "B");
  }

  @Test
  void filesAreAskedForAgainWhileTheBridgeDoesNotAnswer() throws Exception {
    Files.createDirectories(site.base.resolve("data"));
    Files.writeString(site.base.resolve("data/a.txt"), "A");
    Files.writeString(site.base.resolve("data/b.txt"), "B");
    Path slow = folder.resolve("slow-python");
    Files.writeString(
        slow, SLOW.replace("PYTHON", site.python.toString()).replace("FOLDER", folder.toString()));
    assertThat(slow.toFile().setExecutable(true)).isTrue();
    Workflow workflow = site.workflow("read_data")
        .dataset(Dataset.of("data", "data/a.txt", "data/b.txt"))
        .stage("read_data")
        .build();
    Execution execution = site.execution()
        .pool("default", pool -> pool.workers(1).slots(2).config("python", slow.toString()))
        .build();
    try (Run run = site.start(workflow, execution)) {
      await().atMost(DaskSite.LIMIT).until(() -> Files.exists(folder.resolve("learned")));
      long bridge = ProcessHandle.current()
          .descendants()
          .filter(process -> process.info().commandLine().orElse("").contains("muster_dask.bridge"))
          .findFirst()
          .orElseThrow()
          .pid();
      try {
        signal("STOP", bridge);
        Files.createFile(folder.resolve("stopped"));
        await().atMost(DaskSite.LIMIT).until(() -> site.logs().contains("it is tried again"));
      } finally {
        signal("CONT", bridge);
      }
      RunResult result = run.await(DaskSite.LIMIT);
      assertThat(result.orThrow().stage("read_data").tasks())
          .allMatch(task -> task.attempts() == 1)
          .extracting(TaskResult::value)
          .containsExactly("A", "B");
    }
  }

  private static void signal(String name, long process) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process))
            .start()
            .waitFor())
        .isZero();
  }

  @Test
  void shellCommandsFindTheScriptsThatTheyName() throws Exception {
    Path script =
        Files.writeString(site.base.resolve("say.sh"), "#!/bin/sh\necho \"$1\" > out.txt\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    Workflow workflow = site.workflow()
        .stage(
            "say",
            s -> s.op("shell")
                .param("command", "{base_dir}/say.sh hello")
                .param("outputs", Map.of("file", "out.txt")))
        .build();
    Map<?, ?> said = (Map<?, ?>) value(site.run(workflow, one()), "say");
    assertThat(((FileRef) said.get("file")).path())
        .startsWith(site.directory)
        .content()
        .isEqualTo("hello\n");
  }

  @Test
  void aTaskThatKillsItsWorkerIsKnown() throws Exception {
    site.keepGoing = true;
    Workflow workflow = site.workflow("die", "one")
        .dataset(Dataset.of("data", "a", "b", "c", "d", "e", "f"))
        .stage("die", s -> s.needs().param("limit", 9).scope(Scope.GLOBAL))
        .stage("one", s -> s.needs())
        .build();
    RunResult result = site.run(workflow, one());
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    TaskResult failed = result.failures().get(0);
    assertThat(failed.failure().kind()).isEqualTo(FailureKind.WORKER_LOST);
    assertThat(failed.attempts()).isEqualTo(3);
    assertThat(result.stage("one").succeeded()).isEqualTo(6);
    assertThat(result.stage("one").tasks()).allMatch(task -> task.attempts() == 1);
    assertThat(site.logs()).doesNotContain("the bridge was not told");
  }

  @Test
  void filesThatAreLostWithTheirWorkerAreMadeAgain() throws Exception {
    Workflow workflow = site.workflow("make", "check", "die")
        .dataset(Dataset.of("data", "a", "b"))
        .stage("make", s -> s.param("size", 100_000))
        .stage("die", s -> s.needs("make").scope(Scope.GLOBAL))
        .stage("check", s -> s.needs("make", "die").require("other"))
        .build();
    RunResult result = site.run(workflow, two());
    assertThat(result.orThrow().stage("check").succeeded()).isEqualTo(2);
    assertThat(result.stage("die").tasks().get(0).attempts()).isEqualTo(2);
  }

  @Test
  void theUsersCodeTravelsAsFoldersFilesAndWheels() throws Exception {
    Path lib = Files.createDirectories(site.base.resolve("lib"));
    Files.writeString(lib.resolve("inside.py"), "def answer():\n    return 'inside'\n");
    Path packaged = Files.createDirectories(folder.resolve("elsewhere/packaged"));
    Files.writeString(packaged.resolve("__init__.py"), """
        import pathlib

        def answer():
            return (pathlib.Path(__file__).parent / "table.txt").read_text()
        """);
    Files.writeString(packaged.resolve("table.txt"), "packaged");
    site.hidden.add(packaged);
    Path wheel = folder.resolve("tool-1.0-py3-none-any.whl");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(wheel))) {
      out.putNextEntry(new ZipEntry("tool/__init__.py"));
      out.write("def answer():\n    return 'wheel'\n".getBytes(StandardCharsets.UTF_8));
      out.putNextEntry(new ZipEntry("tool-1.0.dist-info/METADATA"));
    }
    Workflow workflow = site.workflow("imported")
        .stage("inside", s -> s.op("imported").needs().param("module", "inside"))
        .stage("packaged", s -> s.op("imported").needs().param("module", "packaged"))
        .stage("tool", s -> s.op("imported").needs().param("module", "tool"))
        .stage(
            "child",
            s -> s.op("shell")
                .needs()
                .param("command", "python3 -c 'import tool; print(tool.answer())'"))
        .build();
    for (Staging staging : Staging.values()) {
      Execution.Builder execution =
          site.execution().staging(staging).code("lib/", packaged.toString(), wheel.toString());
      RunResult result = Muster.run(
          workflow,
          staging == Staging.TRANSFER
              ? site.pools(execution, "default")
              : execution.pool("default", pool -> pool.workers(1)).build(),
          RunOptions.builder().directory(folder.resolve("run-" + staging)).build());
      for (String stage : List.of("inside", "packaged", "tool")) {
        List<?> said = (List<?>) value(result, stage);
        assertThat(said.get(0)).isEqualTo(stage.equals("tool") ? "wheel" : stage);
        assertThat((String) said.get(1))
            .contains(staging == Staging.TRANSFER ? "/muster-jobs-" : folder.toString());
      }
      assertThat(value(result, "child")).isEqualTo("wheel");
    }
  }

  @Test
  void theExampleRunsWithNothingChangedButTheStaging() throws Exception {
    Path examples = HiddenSite.checkout().resolve("examples/workflows");
    for (String name : List.of("dimuon-dask.yaml", "dimuon_ops.py")) {
      Files.copy(examples.resolve(name), site.base.resolve(name));
    }
    WorkflowFile file = Workflows.fromYaml(site.base.resolve("dimuon-dask.yaml"));
    Execution.Builder over = site.execution();
    for (String pool : List.of("default", "high_memory", "gpu")) {
      over.pool(pool, p -> p.config("python", site.python.toString()));
    }
    RunResult result;
    try (Run run = Muster.start(
        file,
        RunOptions.builder()
            .directory(site.directory)
            .above(Layer.of("test", over.build()))
            .build())) {
      result = run.await(DaskSite.LIMIT);
    }
    assertThat(((FileRef) value(result, "ProducePlots")).path())
        .startsWith(site.directory.resolve("ProducePlots"))
        .content()
        .contains("the peak is at 91.");
    assertThat(site.processes()).isEmpty();
  }

  /** A kind of credential that is found in a file of the test. */
  private record TokenFile(Path file) implements CredentialProvider {
    @Override
    public String kind() {
      return "test-token";
    }

    @Override
    public String variable() {
      return "TEST_TOKEN_FILE";
    }

    @Override
    public String renewal() {
      return "the test";
    }

    @Override
    public Credential find(CredentialContext context) {
      return new Credential(file.toString(), file, Instant.now().plus(Duration.ofHours(1)));
    }
  }

  private static String digest(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aRenewedCredentialReachesWorkersThatRun() throws Exception {
    String first = "first-secret-5d1c";
    String second = "second-secret-9b7e";
    Path token = Files.writeString(folder.resolve("token"), first);
    String old = digest(first);
    Workflow workflow = site.workflow("wait_for")
        .stage("wait_for", s -> s.param("name", "TEST_TOKEN_FILE").param("old", old))
        .build();
    Execution execution = site.pools(site.execution().credentials("test-token"), "default");
    RunResult result;
    try (Run run = Muster.start(
        workflow,
        execution,
        RunOptions.builder()
            .directory(site.directory)
            .listener(site.events::add)
            .plugin(new TokenFile(token))
            .build())) {
      Path log = site.directory.resolve("logs");
      await()
          .atMost(DaskSite.LIMIT)
          .until(() -> Files.exists(log) && Files.readString(log).contains("not yet"));
      for (long pid : site.processes()) {
        Path process = Path.of("/proc/" + pid);
        assertThat(Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1))
            .doesNotContain(first);
        assertThat(Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1))
            .doesNotContain(first);
      }
      Path fresh = Files.writeString(folder.resolve("token.new"), second);
      Files.move(fresh, token, StandardCopyOption.ATOMIC_MOVE);
      result = run.await(DaskSite.LIMIT);
    }
    Map<?, ?> seen = (Map<?, ?>) value(result, "wait_for");
    assertThat(seen.get("seen")).isEqualTo(digest(second));
    assertThat(seen.get("mode")).isEqualTo("0o600");
    Path copies = Path.of((String) seen.get("path"));
    assertThat(copies.toString()).contains("/muster-jobs-");
    assertThat(copies).doesNotExist();
    try (Stream<Path> files = Files.walk(site.directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(first, second);
      }
    }
    assertThat(site.processes()).isEmpty();
  }

  /** An environment that is brought as a file. */
  private record Brought(Path archive) implements EnvironmentProvider {
    @Override
    public String type() {
      return "brought";
    }

    @Override
    public PreparedEnvironment prepare(EnvironmentContext context) {
      return new PreparedEnvironment(
          List.of(archive),
          List.of("GREETING=$(cat \"$MUSTER_FILES\"/archive)", "export GREETING"),
          null,
          Map.of("PYTHONPATH", "/nowhere with blanks"));
    }
  }

  @Test
  void anEnvironmentIsSentAndSetUpBeforeTheWorkerStarts() throws Exception {
    Path archive = Files.writeString(folder.resolve("archive"), "from the archive");
    site.hidden.add(archive);
    Workflow workflow = site.workflow()
        .stage("say", s -> s.op("shell").param("command", "echo $GREETING; echo $PYTHONPATH"))
        .build();
    Execution execution = site.pools(
        site.execution().environment(new WorkerEnvironment("brought", Map.of())), "default");
    RunResult result = Muster.run(
        workflow,
        execution,
        RunOptions.builder()
            .directory(site.directory)
            .plugin(new Brought(archive))
            .build());
    assertThat((String) value(result, "say"))
        .startsWith("from the archive\n")
        .endsWith("/muster_python.zip:/nowhere with blanks");
    assertThat(site.logs()).contains("muster: setup step 1 of 3: done");
  }

  @Test
  void aProbeNeedsNothingElseEither() throws Exception {
    Workflow workflow = site.workflow("read_data").stage("read_data").build();
    List<Finding> heard = new ArrayList<>();
    Path token = Files.writeString(folder.resolve("token"), "secret");
    boolean good = Muster.probe(
            Muster.plan(
                workflow, site.pools(site.execution().credentials("test-token"), "default")),
            RunOptions.builder()
                .directory(site.directory)
                .plugin(new TokenFile(token))
                .build(),
            Duration.ofMinutes(1),
            heard::add)
        .good();
    assertThat(good).as("%s", heard).isTrue();
    assertThat(heard)
        .extracting(Finding::check)
        .contains("start", "python", "operations", "network", "scratch", "credentials");
    assertThat(heard).anySatisfy(each -> assertThat(each.detail()).isEqualTo("none are needed"));
    assertThat(site.processes()).isEmpty();
  }

  @Test
  void whatCannotWorkIsSaidBeforeAnythingIsSubmitted() {
    Workflow outside = site.workflow("read_data")
        .dataset(Dataset.of("data", "../far/a.txt"))
        .stage("read_data")
        .build();
    assertThatThrownBy(() -> site.start(outside, one()))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("dataset data: the file ../far/a.txt lies outside");
    site.directory = site.base.resolve("another-run");
    Workflow workflow = site.workflow("one").stage("one").build();
    assertThatThrownBy(() -> site.start(
            workflow,
            site.pools(site.execution().config("address", "tls://nowhere:8786"), "default")))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("tls://nowhere:8786")
        .hasMessageContaining("use staging: shared");
  }
}
