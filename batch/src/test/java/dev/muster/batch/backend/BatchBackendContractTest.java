package dev.muster.batch.backend;

import dev.muster.spi.Backend;
import dev.muster.testkit.BackendContract;
import dev.muster.testkit.Behaviour;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What every backend must do, with jobs that are child processes, and operations in Python. */
class BatchBackendContractTest extends BackendContract {
  @TempDir
  Path base;

  @BeforeEach
  void copyOperations() throws IOException {
    try (InputStream operations = Objects.requireNonNull(
        BatchBackendContractTest.class.getResourceAsStream("contract_ops.py"))) {
      Files.copy(operations, base.resolve("contract_ops.py"));
    }
  }

  @Override
  protected Backend backend() {
    return new BatchBackend();
  }

  @Override
  protected Duration patience() {
    return Duration.ofMinutes(2);
  }

  @Override
  protected Workflow.Builder workflow() {
    return Workflow.builder()
        .baseDirectory(base)
        .registry(new Registry(
            Map.of(
                "sum", "contract_ops:add_up",
                "fail", "contract_ops:fail",
                "fail_once", "contract_ops:fail_once",
                "block", "contract_ops:block",
                "linger", "contract_ops:linger"),
            Map.of()));
  }

  @Override
  protected void code(Behaviour behaviour, Stage.Builder stage) {
    stage.op(behaviour.name().toLowerCase(java.util.Locale.ROOT));
  }
}
