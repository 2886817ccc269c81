package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.execution.Pool;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
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
    containers = new Containers(
        Map.of("container_runtime", "./podman"), List.of(Pool.builder("default").build()), base);
    runtime = containers.of("default").runtime();
  }

  private String fetch(String image) throws Exception {
    return containers.fetch(runtime, ContainerImage.parse(image, base), base);
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
    ContainerRuntime old = new ContainerRuntime(ContainerRuntime.Kind.SINGULARITY, program);
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

  @Test
  void aPoolThatNobodyToldOfIsAnError() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> containers.of("gpu"))
        .withMessageContaining("[default], not for gpu");
  }

  @Test
  void onlyWhatTheRuntimeSaysMeansThatNothingWasStarted() throws IOException {
    Path log = base.resolve("stderr");
    Files.writeString(log, "Error: no space left\n");
    assertThat(Containers.failedToStart(runtime, 125, log)).isTrue();
    assertThat(Containers.failedToStart(runtime, 1, log)).isFalse();
    Files.writeString(log, "my own words\n");
    assertThat(Containers.failedToStart(runtime, 125, log)).isFalse();
  }
}
