package dev.muster.examples.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.execution.WorkerEnvironment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModulesEnvironmentTest {
  private static PreparedEnvironment prepare(Map<String, Object> options) {
    return new ModulesEnvironment().prepare(new EnvironmentContext() {
      @Override
      public WorkerEnvironment environment() {
        return new WorkerEnvironment("modules", options);
      }

      @Override
      public Path baseDirectory() {
        return Path.of("/analysis");
      }

      @Override
      public Path directory() {
        return Path.of("/run/environment");
      }

      @Override
      public Path cache() {
        return Path.of("/cache");
      }

      @Override
      public void notice(String message) {
        throw new AssertionError(message);
      }
    });
  }

  @Test
  void loadsModulesInTheJobsShell() {
    PreparedEnvironment prepared = prepare(Map.of("load", List.of("python/3.11", "a b")));
    assertThat(prepared.setup()).containsExactly("module load python/3.11 'a b'");
    assertThat(prepared.python()).isEqualTo("python3");
  }

  @Test
  void needsModules() {
    assertThatThrownBy(() -> prepare(Map.of())).hasMessageContaining("execution.environment.load");
    assertThatThrownBy(() -> prepare(Map.of("loads", "a")))
        .hasMessageContaining("did you mean 'load'?");
  }
}
