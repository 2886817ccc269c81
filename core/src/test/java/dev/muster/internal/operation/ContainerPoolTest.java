package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.execution.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerPoolTest {
  @TempDir
  Path base;

  private String program(String name) throws IOException {
    Path program = Files.writeString(base.resolve(name), "#!/bin/sh\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return "./" + name;
  }

  @Test
  void whatAPoolSaysWins() throws IOException {
    Map<String, Object> config = Map.of(
        "container_runtime", program("podman-5"), "container_options", List.of("--ipc", "host"));
    Pool plain = Pool.builder("default").gpus(0).build();
    assertThat(ContainerPool.of(config, plain, base))
        .isEqualTo(new ContainerPool(
            new ContainerRuntime(ContainerRuntime.Kind.PODMAN, base.resolve("podman-5")),
            List.of("--ipc", "host"),
            false));
    Pool own = Pool.builder("gpu")
        .gpus(1)
        .config("container_runtime", program("singularity"))
        .config("container_options", List.of())
        .build();
    assertThat(ContainerPool.of(config, own, base))
        .isEqualTo(new ContainerPool(
            new ContainerRuntime(ContainerRuntime.Kind.SINGULARITY, base.resolve("singularity")),
            List.of(),
            true));
  }

  @Test
  void optionsAreAListOfWords() throws IOException {
    String podman = program("podman");
    for (Object wrong : List.of("--ipc host", List.of(1), Map.of())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ContainerPool.of(
              Map.of("container_runtime", podman, "container_options", wrong), null, base))
          .withMessageContaining("execution.config.container_options' must be a list of words");
    }
  }

  @Test
  void aRuntimeThatIsNotThereIsToldWithWhatInstallsIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ContainerRuntime.find("podman-of-nobody", base))
        .withMessageContaining(
            "'podman-of-nobody' of execution.config.container_runtime is not on PATH; install it,")
        .withMessageContaining("apt-get install podman");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ContainerRuntime.find("/nowhere/docker", base))
        .withMessageContaining("does not exist or is not executable");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ContainerRuntime.find("nspawn", base))
        .withMessageContaining("must begin with one of apptainer, singularity, podman, docker");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ContainerRuntime.find(7, base))
        .withMessageContaining("must be the name or path of a program");
  }
}
