package dev.muster.batch.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobSpecTest {
  private static final Path FILE = Path.of("/home/ada/env.tar.gz");

  private static JobSpec.Builder job() {
    return JobSpec.builder("gpu", List.of("true"), Path.of("/home/ada")).files(List.of(FILE));
  }

  @Test
  void aJobThatIsBuiltFromAnotherCanDoWithoutTheSameFiles() {
    JobSpec spec = job().unless(Map.of(FILE, "[ -e /opt/env ]")).build();

    assertThat(spec.toBuilder().build()).isEqualTo(spec);
    assertThat(spec.toBuilder().build().unless())
        .containsExactly(Map.entry(FILE, "[ -e /opt/env ]"));
  }

  @Test
  void aJobCanDoWithoutItsOwnFilesOnly() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> job().unless(Map.of(Path.of("/other"), "true")).build())
        .withMessageContaining("job gpu: /other, which it can do without, is none of its files");
  }
}
