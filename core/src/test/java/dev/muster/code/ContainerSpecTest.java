package dev.muster.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.WorkflowException;
import dev.muster.execution.Pool;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContainerSpecTest {
  @Test
  void whatAPoolSaysWins() {
    Map<String, Object> config =
        Map.of("container_runtime", "podman-5", "container_options", List.of("--ipc", "host"));
    Pool plain = Pool.builder("default").gpus(0).build();
    Pool own = Pool.builder("gpu")
        .gpus(1)
        .config("container_runtime", "/opt/singularity")
        .config("container_options", List.of())
        .build();
    ContainerSpec spec = ContainerSpec.of("img", config, List.of(plain, own));
    assertThat(spec.way("default").inherits()).isEmpty();
    assertThat(spec.way("default").runtimes()).singleElement().satisfies(runtime -> {
      assertThat(runtime.kind()).isEqualTo("podman");
      assertThat(runtime.program()).isEqualTo("podman-5");
      assertThat(runtime.toString()).contains("--ipc").doesNotContain("nvidia");
    });
    assertThat(spec.way("gpu").inherits()).contains("CUDA_VISIBLE_DEVICES");
    assertThat(spec.way("gpu").runtimes()).singleElement().satisfies(runtime -> {
      assertThat(runtime.kind()).isEqualTo("singularity");
      assertThat(runtime.program()).isEqualTo("/opt/singularity");
      assertThat(runtime.toString()).contains("--nv").doesNotContain("--ipc");
    });
    assertThat(spec.way("of somebody else")).isEqualTo(spec.way("default"));
    assertThat(spec.json(List.of("TOKEN")))
        .containsEntry("pools", Map.of("", 0, "default", 0, "gpu", 1))
        .containsEntry("credentials", List.of("TOKEN"));
  }

  @Test
  void withoutAnOptionEveryRuntimeIsLookedFor() {
    ContainerSpec spec = ContainerSpec.of("img", Map.of(), List.of());
    assertThat(spec.way("").runtimes())
        .extracting(RuntimeSpec::program)
        .containsExactly("apptainer", "singularity", "podman", "docker");
    assertThat(spec.way("").missing())
        .contains("looked for apptainer, singularity, podman, docker on PATH")
        .contains("apt-get install podman");
  }

  @Test
  void optionsAreAListOfWords() {
    for (Object wrong : List.of("--ipc host", List.of(1), Map.of())) {
      Pool pool = Pool.builder("gpu").config("container_options", wrong).build();
      assertThatThrownBy(() -> ContainerSpec.of("img", Map.of(), List.of(pool)))
          .isInstanceOf(WorkflowException.class)
          .hasMessageContaining("pool gpu.config.container_options: container_options must be a")
          .hasMessageContaining("list of words");
    }
  }

  @Test
  void aRuntimeIsOneThatIsKnown() {
    assertThatThrownBy(
            () -> ContainerSpec.of("img", Map.of("container_runtime", "nspawn"), List.of()))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("execution.config.container_runtime: the container runtime 'nspawn'")
        .hasMessageContaining("must begin with one of apptainer, singularity, podman, docker");
    assertThatThrownBy(() -> ContainerSpec.of("img", Map.of("container_runtime", 7), List.of()))
        .hasMessageContaining("must be the name or path of a program");
  }

  @Test
  void whatTheNamedRuntimeCannotRunIsRefusedBeforeAWorkerSeesIt() {
    Map<String, Object> config = Map.of("container_runtime", "podman");
    Pool able = Pool.builder("able").config("container_runtime", "apptainer").build();
    Pool unable = Pool.builder("unable").build();
    for (String image : List.of("./tools.sif", "oras://host/tools:1")) {
      assertThat(ContainerSpec.of(image, config, List.of(able)).image()).isEqualTo(image);
      assertThatThrownBy(() -> ContainerSpec.of(image, config, List.of(able, unable)))
          .isInstanceOf(WorkflowException.class)
          .hasMessageContaining("pool unable.config.container_runtime: podman cannot run the")
          .hasMessageContaining("container image " + image + "; apptainer or singularity can");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ContainerSpec.of("docker.io/<name>", config, List.of()))
        .withMessageContaining("is a template");
  }
}
