package dev.muster.pixi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.EnvironmentProvider;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.execution.Execution;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Dask workers whose environment comes out of a pixi.lock: a channel with real packages of both formats, a lock file of
 * rattler, a pixi-pack made with rattler (pixi-pack itself is in no registry of Python or Rust packages), and an
 * archive that installs itself with rattler.
 */
class LockedEnvironmentIT {
  private static final Duration LIMIT = Duration.ofSeconds(150);

  @TempDir
  static Path home;

  private static Path project;
  private static String searchPath;

  @BeforeAll
  static void lock() throws Exception {
    Path prefix = RealPrefix.make(home.resolve("prefix"));
    Files.createDirectories(prefix.resolve("etc/conda/activate.d"));
    Files.createDirectories(prefix.resolve("etc/conda/env_vars.d"));
    Files.writeString(
        prefix.resolve("etc/conda/activate.d/prefixed.sh"), "export FROM_SCRIPT=$CONDA_PREFIX\n");
    Files.writeString(
        prefix.resolve("etc/conda/env_vars.d/prefixed.json"), "{\"FROM_PACKAGE\": \"a b\"}");
    Path tools = Files.createDirectories(home.resolve("tools"));
    for (String name : List.of("make_channel.py", "rattler-pack.py", "rattler-unpack.py")) {
      try (InputStream in =
          Objects.requireNonNull(LockedEnvironmentIT.class.getResourceAsStream(name))) {
        Files.copy(in, tools.resolve(name));
      }
    }
    String python = output("bash", "../scripts/rattler-env.sh").strip();
    project = home.resolve("project");
    output(
        python, tools.resolve("make_channel.py").toString(), prefix.toString(), project.toString());
    Path tool = tools.resolve("pixi-pack");
    Files.writeString(
        tool,
        "#!/bin/sh\nexec '" + python + "' '" + tools.resolve("rattler-pack.py") + "' \"$@\"\n");
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    searchPath = tools + ":" + System.getenv("PATH");
    Files.move(prefix, home.resolve("hidden-prefix"));
  }

  private static String output(String... argv) throws IOException, InterruptedException {
    Path said = Files.createTempFile(home, "said", ".txt");
    Process process = new ProcessBuilder(argv).redirectError(said.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(said)).isZero();
    return out;
  }

  private static Map<String, Object> locked(Path base) {
    return Map.of(
        "manifest",
        project.toString(),
        "cache_dir",
        home.resolve("cache").toString(),
        "worker_env_dir",
        base.resolve("node").toString());
  }

  @Test
  void workersHaveWhatTheLockFileNames(@TempDir Path base) throws Exception {
    try (InputStream ops =
        Objects.requireNonNull(LockedEnvironmentIT.class.getResourceAsStream("packed_ops.py"))) {
      Files.copy(ops, base.resolve("packed_ops.py"));
    }
    Workflow workflow = Workflow.builder()
        .name("locked")
        .baseDirectory(base)
        .registry(new Registry(Map.of("where", "packed_ops:where"), Map.of()))
        .stage("Where", stage -> stage.op("where"))
        .stage("There", stage -> stage.op("where").require("gpu"))
        .build();
    Execution execution = Execution.builder()
        .backend("dask")
        .config("python", RealPrefix.PYTHON)
        .environment(new WorkerEnvironment("packed-pixi", locked(base)))
        .pool("default", pool -> pool.workers(2))
        .pool("gpu", pool -> pool.workers(1))
        .build();
    RunOptions options = RunOptions.builder()
        .directory(base.resolve("run"))
        .keepValues(true)
        .plugin(hidingTheProject())
        .build();
    RunResult result;
    try (Run run = Muster.start(workflow, execution, options)) {
      result = run.await(LIMIT);
    } finally {
      if (Files.exists(home.resolve("hidden-project"))) {
        Files.move(home.resolve("hidden-project"), project);
      }
    }
    assertThat(result).as("the run ended in time").isNotNull();
    for (String stage : List.of("Where", "There")) {
      Map<?, ?> seen = (Map<?, ?>) result.orThrow().stage(stage).tasks().get(0).value();
      String found = (String) seen.get("prefix");
      assertThat(found).startsWith(base.resolve("node") + "/muster-").endsWith("/env");
      assertThat(seen.get("executable")).isEqualTo(found + "/bin/python");
      assertThat(seen.get("conda")).isEqualTo(found);
      assertThat(seen.get("distributed").toString()).startsWith(found + "/lib/");
      assertThat(seen.get("text")).isEqualTo("prefix=" + found + "\n");
      assertThat(seen.get("binary")).isEqualTo(found + "/lib");
      assertThat(seen.get("length")).isEqualTo(RealPrefix.ROOM + 5L);
      assertThat(seen.get("script")).isEqualTo(found);
      assertThat(seen.get("package")).isEqualTo("a b");
    }
    long extracted = 0;
    try (Stream<Path> logs = Files.list(base.resolve("run/debug/distributed/err"))) {
      for (Path each : logs.toList()) {
        extracted += Files.readString(each).contains("extracted the environment to") ? 1 : 0;
      }
    }
    assertThat(extracted).isEqualTo(1);
    try (Stream<Path> left = Files.walk(base.resolve("node"), 2)) {
      assertThat(left.map(each -> each.getFileName().toString()))
          .noneMatch(each -> each.startsWith("tmp.") || each.matches("\\.pixi-[0-9a-f]+\\..*"));
    }
  }

  /** Gets the environment ready, and then takes the project and its channel away. */
  private static EnvironmentProvider hidingTheProject() {
    return new EnvironmentProvider() {
      @Override
      public String type() {
        return "packed-pixi";
      }

      @Override
      public PreparedEnvironment prepare(EnvironmentContext context) {
        PreparedEnvironment prepared = new PackedPixiEnvironment(searchPath).prepare(context);
        try {
          Files.move(project, home.resolve("hidden-project"));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        return prepared;
      }
    };
  }

  @Test
  void theManifestListsPackagesOfBothFormats(@TempDir Path base) throws IOException {
    Site site = new Site(base).with(locked(base));
    PreparedEnvironment prepared = new PackedPixiEnvironment(searchPath).prepare(site);
    assertThat(Files.readString(Store.manifest(Site.archive(prepared))))
        .contains("distributed-1.0-0.conda", "prefixed-1.0-0.tar.bz2", "\"sha256\"");
    assertThat(PixiArchive.packages(Site.archive(prepared)))
        .extracting(each -> each.get("name"))
        .containsExactlyInAnyOrder("python", "distributed", "prefixed");
  }

  @Test
  void aPackageThatWasChangedSinceIsRefused(@TempDir Path base) throws IOException {
    Path own = base.resolve("project");
    Files.createDirectories(own);
    Files.copy(project.resolve("pixi.toml"), own.resolve("pixi.toml"));
    Path damaged = base.resolve("prefixed-1.0-0.tar.bz2");
    Files.copy(project.resolve("channel/linux-64/prefixed-1.0-0.tar.bz2"), damaged);
    Files.writeString(damaged, "x", StandardOpenOption.APPEND);
    Files.writeString(
        own.resolve("pixi.lock"),
        Files.readString(project.resolve("pixi.lock"))
            .replace(
                project.resolve("channel/linux-64/prefixed-1.0-0.tar.bz2").toString(),
                damaged.toString()));
    Site site = new Site(base.resolve("site")).with(Map.of("manifest", own.toString()));
    PackedPixiEnvironment provider = new PackedPixiEnvironment(searchPath);
    assertThatThrownBy(() -> provider.prepare(site))
        .hasMessageContaining("has another prefixed-1.0-0.tar.bz2 than it says");
  }

  @Test
  void anEnvironmentThatIsNotLockedIsSaid(@TempDir Path base) throws IOException {
    Site site = new Site(base).with(Map.of("manifest", project.toString(), "environment", "gpu"));
    PackedPixiEnvironment provider = new PackedPixiEnvironment(searchPath);
    assertThatThrownBy(() -> provider.prepare(site))
        .hasMessageContaining("--ignore-pypi-non-wheel --create-executable")
        .hasMessageContaining("environment not found in lockfile: gpu");
  }
}
