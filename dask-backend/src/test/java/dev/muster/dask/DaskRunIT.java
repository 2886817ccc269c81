package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaskRunIT {
  @TempDir
  Path base;

  @Test
  void runsPythonOperationsAndPassesTheirOutputsOn() throws Exception {
    Files.writeString(
        base.resolve("ops.py"),
        "def make(ctx):\n    return 20 + ctx.attempt\n\ndef twice(make):\n    return 2 * make\n");
    Workflow workflow = Workflow.builder()
        .name("demo")
        .baseDirectory(base)
        .registry(new dev.muster.workflow.Registry(
            Map.of("make", "ops:make", "twice", "ops:twice"), Map.of()))
        .stage("make")
        .stage("twice")
        .build();
    Execution site = Execution.builder()
        .backend("dask")
        .config("python", "/usr/bin/python3")
        .pool("default", p -> p.workers(2))
        .build();
    try (Run run = Muster.start(
        workflow,
        site,
        RunOptions.builder().listener(e -> System.err.println(e)).build())) {
      RunResult result = run.await();
      System.err.println(result);
      assertThat(result.orThrow().stage("twice").tasks().get(0).value()).isEqualTo(42L);
    }
  }
}
