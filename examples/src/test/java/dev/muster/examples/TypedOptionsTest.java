package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Execution;
import dev.muster.resource.MemorySize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That options in Java are what they are in a file. */
class TypedOptionsTest {
  @Test
  void optionsTakeTheTypesThatFit() {
    Execution site = Execution.builder()
        .backend("dask")
        .config("start_timeout", Duration.ofMinutes(20)) // as start_timeout: 00:20:00
        .pool(
            "default",
            pool -> pool.workers(20)
                .memory(MemorySize.parse("4GB"))
                .config("walltime", Duration.ofHours(4)) // as walltime: 04:00:00
                .config("scratch", Path.of("/scratch")))
        .build();

    assertThat(site.config()).isEqualTo(Map.of("start_timeout", "00:20:00"));
    assertThat(site.pools().get("default").config())
        .isEqualTo(Map.of("walltime", "04:00:00", "scratch", "/scratch"));
  }
}
