package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example of stages in environments of their own, as a user starts it. */
@Timeout(240)
class StageEnvironmentsIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final String PYTHON = System.getProperty("muster.dask.python", "/usr/bin/python3");

  @TempDir
  private static Path home;

  private static Containers containers;

  @TempDir
  private Path folder;

  @BeforeAll
  static void makeContainers() throws Exception {
    containers = Containers.in(home);
  }

  @AfterAll
  static void endContainers() throws Exception {
    containers.end();
  }

  @BeforeEach
  void copyTheExample() throws IOException {
    Path examples = Containers.examples();
    Files.copy(examples.resolve("stage-environments.yaml"), folder.resolve("site.yaml"));
    Files.copy(
        examples.resolve("stage-environments.env"), folder.resolve("stage-environments.env"));
    Files.copy(home.resolve("busybox.tar"), folder.resolve("busybox.tar"));
  }

  @AfterEach
  void noContainerIsLeft() {
    containers.awaitNone();
  }

  private MusterProcess start(String command, String backend, String runtime, String... more)
      throws IOException {
    List<String> options = new ArrayList<>(List.of(
        "--backend",
        backend,
        "--set",
        "config.container_runtime=" + runtime,
        "--set",
        "config.python=" + PYTHON));
    options.addAll(List.of(more));
    return MusterProcess.start(JAVA, folder, command, options.toArray(String[]::new));
  }

  private MusterProcess ended(String command, String backend, String runtime, String... more)
      throws Exception {
    MusterProcess process = start(command, backend, runtime, more);
    process.awaitEnd(LIMIT);
    return process;
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void runs(String backend) throws Exception {
    Path run = folder.resolve("run");
    MusterProcess process =
        ended("run", backend, containers.program(), "--run-dir", run.toString());
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(run.resolve("runMacro/outputs/macro.txt"))
        .content()
        .isEqualTo("dimuon (two words) on Muster example image\n");
    assertThat(run.resolve("runStats/outputs/stdout"))
        .content()
        .isEqualTo("CLS in busybox of pool large\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aProbeStartsAContainerOfEachImage(String backend) throws Exception {
    MusterProcess process = ended("probe", backend, containers.program());
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(process.output())
        .containsPattern("large +container .*busybox.tar with " + containers.program());
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aProbeTellsWhyAContainerCannotBeStarted(String backend) throws Exception {
    Path broken = folder.resolve("podman-broken");
    Files.writeString(
        broken,
        "#!/bin/sh\n[ \"$1\" != version ] || exit 0\necho 'Error: no space' >&2\nexit 125\n");
    assertThat(broken.toFile().setExecutable(true)).isTrue();
    for (String runtime : List.of("/nowhere/podman", broken.toString())) {
      MusterProcess process = ended("probe", backend, runtime);
      assertThat(process.exitCode()).as(process.output()).isEqualTo(1);
      assertThat(process.output())
          .containsPattern("large +container ")
          .contains(
              runtime.equals("/nowhere/podman")
                  ? "'/nowhere/podman' of execution.config.container_runtime does not exist"
                  : "Error: no space");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aRuntimeThatIsNotThereIsTold(String backend) throws Exception {
    MusterProcess process = ended("run", backend, "podman-of-nobody");
    assertThat(process.exitCode()).as(process.output()).isIn(1, 2);
    assertThat(process.output())
        .contains("'podman-of-nobody' of execution.config.container_runtime is not on PATH")
        .contains("apt-get install podman");
  }

  @Test
  void aPlanShowsTheEnvironments() throws Exception {
    MusterProcess process = ended("plan", "dask", containers.program());
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(process.output())
        .contains("{image: \"./busybox.tar\", variables_from: stage-environments.env}")
        .contains("{image: \"./busybox.tar\", variables: [STATS_METHOD]}")
        .contains("container_runtime")
        .doesNotContain("CLS");
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aKilledJvmLeavesNoContainer(String backend) throws Exception {
    Files.writeString(folder.resolve("site.yaml"), """
        analysis:
          stages:
            - id: Box
              op: shell
              params: {command: "echo x > {base_dir}/at-work; sleep 600"}
              environment: {image: ./busybox.tar}
        """);
    MusterProcess process = start("run", backend, containers.program());
    await().atMost(LIMIT).until(() -> Files.exists(folder.resolve("at-work")));
    process.signal("KILL");
    process.awaitEnd(LIMIT);
    containers.awaitNone();
  }
}
