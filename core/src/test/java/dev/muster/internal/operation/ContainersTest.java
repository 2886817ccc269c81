package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.code.ContainerSpec;
import dev.muster.execution.Pool;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.workflow.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a runtime that notes how it is called. */
class ContainersTest {
  private static final String SCRIPT = """
      #!/bin/sh
      echo "$*" >>"${0%/*}/calls"
      case $* in
        load*) echo "Loaded image: localhost/tools:1" ;;
        "image inspect --format {{.Id}} localhost/tools:1") cat "${0%/*}/id" ;;
        "image inspect --format {{.Id}} here:1") echo sha256:here ;;
        image*) exit 1 ;;
        *nowhere:1) echo "Error: no such manifest"; exit 125 ;;
      esac
      """;

  @TempDir
  Path base;

  private Containers containers;
  private ContainerRuntime runtime;

  @BeforeEach
  void makeRuntime() throws IOException {
    Path program = Files.writeString(base.resolve("podman"), SCRIPT);
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Files.writeString(base.resolve("id"), "sha256:first\n");
    containers = new Containers();
    runtime = runtime("./podman");
  }

  private static ContainerSpec spec(String image, String program) {
    return ContainerSpec.of(
        image,
        Map.of("container_runtime", program),
        List.of(Pool.builder("default").build()));
  }

  private ContainerRuntime runtime(String program) {
    return ContainerRuntime.find(spec("img", program).way("default"), base);
  }

  private String fetch(String image) throws Exception {
    ContainerSpec spec = spec(image, "./podman");
    ContainerRuntime own = ContainerRuntime.find(spec.way("default"), base);
    return containers.fetch(own, ContainerImage.find(spec, own, base), base);
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(base.resolve("calls"));
  }

  @Test
  void anArchiveIsLoadedOnceAndCalledByItsId() throws Exception {
    Path archive = Files.writeString(base.resolve("tools.tar"), "one");
    assertThat(fetch("./tools.tar")).isEqualTo("sha256:first");
    assertThat(fetch("tools.tar")).isEqualTo("sha256:first");
    assertThat(calls())
        .containsExactly(
            "load --quiet --input " + archive, "image inspect --format {{.Id}} localhost/tools:1");
  }

  @Test
  void anArchiveThatWasWrittenAgainIsLoadedAgain() throws Exception {
    Path archive = Files.writeString(base.resolve("tools.tar"), "one");
    assertThat(fetch("tools.tar")).isEqualTo("sha256:first");
    Files.writeString(base.resolve("id"), "sha256:second\n");
    Files.setLastModifiedTime(archive, FileTime.fromMillis(1000));
    assertThat(fetch("tools.tar")).isEqualTo("sha256:second");
  }

  @Test
  void anImageIsPulledOnlyIfItIsNotThere() throws Exception {
    assertThat(fetch("here:1")).isEqualTo("here:1");
    assertThat(fetch("there:1")).isEqualTo("there:1");
    assertThat(fetch("docker://there:1")).isEqualTo("there:1");
    assertThat(calls())
        .containsExactly(
            "image inspect --format {{.Id}} here:1",
            "image inspect --format {{.Id}} there:1",
            "pull --quiet there:1");
  }

  @Test
  void aValueThatAShellWouldReadIsRefused() throws Exception {
    Path program = Files.writeString(base.resolve("singularity"), "#!/bin/sh\necho 3.8.7\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    ContainerRuntime old = runtime("./singularity");
    containers.checkLiteral(old, Map.of("A", "plain"), base);
    containers.checkLiteral(runtime, Map.of("A", "$HOME"), base);
    for (String value : List.of("$HOME", "`id`", "\\x")) {
      assertThatThrownBy(() -> containers.checkLiteral(old, Map.of("A", value), base))
          .isInstanceOfSatisfying(
              TaskException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.ENVIRONMENT))
          .hasMessageContaining("the variable A has a $, ` or \\ in its value")
          .hasMessageContaining("singularity 3.8.7 lets a shell read values");
    }
  }

  @Test
  void whatCannotBePulledIsToldInTheRuntimesWordsAndTriedAgain() throws Exception {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> fetch("nowhere:1"))
          .isInstanceOfSatisfying(
              TaskException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.ENVIRONMENT))
          .hasMessageContaining("the container image nowhere:1 cannot be had with " + base)
          .hasMessageContaining("exit code 125")
          .hasMessageContaining("Error: no such manifest");
    }
    assertThat(calls()).filteredOn("pull --quiet nowhere:1"::equals).hasSize(2);
  }

  private Container container(String program, String... credentials) {
    return new Container(containers, spec("img", program), base, List.of(credentials));
  }

  @Test
  void aRuntimeThatIsNotThereIsToldWithWhatInstallsIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> container("podman-of-nobody"))
        .withMessageContaining(
            "'podman-of-nobody' of execution.config.container_runtime is not on PATH; install it,")
        .withMessageContaining("apt-get install podman");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> container("/nowhere/docker"))
        .withMessageContaining("does not exist or is not executable");
  }

  @Test
  void aPoolThatNobodyToldOfIsAnError() {
    Stage stage = Stage.builder("Say").op("shell").build();
    FakeContext context = new FakeContext(stage, base);
    Container container = new Container(
        containers,
        ContainerSpec.of(
            "img",
            Map.of("container_runtime", "./podman"),
            List.of(Pool.builder("gpu").build())),
        base,
        List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> container.call(List.of("true"), base, Map.of(), context, List.of()))
        .withMessageContaining("[gpu], not for default");
  }

  /** As on workers: {@code test_container.py} has the same cases. */
  @Test
  void aCredentialIsThereWithItsFolderIfThatIsItsUsersAlone() throws Exception {
    Path own = Files.createDirectory(base.resolve("own"));
    Path shared = Files.createDirectory(base.resolve("shared"));
    Path cwd = Files.createDirectory(base.resolve("folder"));
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));
    Container container = new Container(
        containers,
        spec("here:1", "./podman"),
        base,
        List.of(own.resolve("token").toString(), shared.resolve("proxy").toString()));
    FakeContext context = new FakeContext(Stage.builder("Say").op("shell").build(), cwd);
    List<String> argv =
        container.call(List.of("true"), cwd, Map.of(), context, List.of()).argv();
    assertThat(argv.stream().filter(word -> word.startsWith("type=bind")))
        .map(word -> word.substring(word.indexOf("target=") + 7))
        .containsExactly(cwd.toString(), own.toString(), shared.resolve("proxy").toString());
  }
}
