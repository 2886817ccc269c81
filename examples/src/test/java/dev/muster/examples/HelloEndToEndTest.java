package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.run.Run;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class HelloEndToEndTest {
  @Test
  void yamlRuns() {
    WorkflowFile file = Workflows.fromYaml(Path.of("workflows/hello.yaml"));
    try (Run run = Muster.start(file.workflow(), file.execution())) {
      assertThat(run.await().orThrow().stages()).containsOnlyKeys("Hello", "Goodbye");
    }
  }

  @Test
  void javaRuns() {
    assertThat(HelloExample.greet("world")).isEqualTo("Hello, world!");
  }
}
