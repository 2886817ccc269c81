package dev.muster.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageNameTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "-v/:/x",
        "-",
        "busybox -v /:/x",
        "busybox\n--help",
        " busybox",
        "busybox ",
        "busybox\t",
        "x\0",
        "docker://--help",
        "docker://-x",
        "oras://--help",
        "oras:// x",
        "a//b",
        "/bus\nybox",
        "./x\u202e.sif",
        "-x.sif",
        "a:b:c:d",
        "a@b",
        ":tag",
        "a b",
        "$(x)",
        "a;b",
        ""
      })
  void refusesWhatIsNoName(String image) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StageEnvironment.builder().image(image))
        .withMessageContaining("is not the name of a container image")
        .withMessageContaining("write for example");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ubuntu",
        "ubuntu:22.04",
        "docker.io/rootproject/root:6.28.04-ubuntu22.04",
        "a/b:c",
        "image-name",
        "localhost/tools:1",
        "localhost:5000/a/b",
        "[::1]:5000/a",
        "docker://ubuntu",
        "a__b/c--d",
        "busybox@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "sha256:0123456789abcdef",
        "oras://host/image:1",
        "library://a/b/c:1",
        "shub://a/b",
        "instance://x",
        "docker-archive:image.tar",
        "oci-archive:my file.tar",
        "./tools.sif",
        "../a b/tools.sif",
        "tools.sif",
        "/cvmfs/unpacked.cern.ch/registry.hub.docker.com/root:6",
        "image.tar.gz",
        "https://host/a.sif?x=1",
        "gitlab.cern/<namespace>/<project>/<my image>"
      })
  void takesNames(String image) {
    assertThat(StageEnvironment.builder().image(image).build().image()).isEqualTo(image);
  }
}
