package dev.muster.testkit;

import dev.muster.workflow.Registry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The {@link BackendContract} for backends that run Python functions and none of Java. Its folder is JUnit's temporary
 * one, which the workers must see. Not thread-safe.
 *
 * @since 0.1
 */
public abstract class PythonBackendContract extends BackendContract {
  private static final String MODULE = "contract_ops";

  @TempDir
  Path base;

  /** Creates the tests. */
  protected PythonBackendContract() {}

  @BeforeEach
  void copyOperations() throws IOException {
    String file = MODULE + ".py";
    try (InputStream operations =
        Objects.requireNonNull(PythonBackendContract.class.getResourceAsStream(file), file)) {
      Files.copy(operations, base.resolve(file));
    }
  }

  /** Returns 2 minutes: the workers start first. */
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
                "sum", MODULE + ":add_up",
                "fail", MODULE + ":fail",
                "fail_once", MODULE + ":fail_once",
                "block", MODULE + ":block",
                "linger", MODULE + ":linger"),
            Map.of()));
  }

  @Override
  protected void code(Behaviour behaviour, Stage.Builder stage) {
    stage.op(behaviour.name().toLowerCase(Locale.ROOT));
  }
}
