package dev.muster.dask;

import static dev.muster.dask.DaskSite.execution;
import static dev.muster.dask.DaskSite.python;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.RunResult;
import dev.muster.run.TaskResult;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that the kernel kills since their control group is out of memory; left out where this user may not make one. */
class DaskMemoryIT {
  private static final String LIMIT = Integer.toString(48 << 20);

  @TempDir
  Path base;

  private DaskSite site;
  private Path group;

  @BeforeEach
  void makeSite() throws IOException {
    site = new DaskSite(base);
    boolean first = Files.isDirectory(Path.of("/sys/fs/cgroup/memory"));
    group = Path.of(first ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup")
        .resolve("muster-test-" + UUID.randomUUID());
    try {
      Files.createDirectory(group);
      Files.writeString(group.resolve(first ? "memory.limit_in_bytes" : "memory.max"), LIMIT);
    } catch (IOException e) {
      assumeThat(e).as("this user may not limit the memory of a control group").isNull();
    }
  }

  @AfterEach
  void removeGroup() {
    await()
        .until(() -> !Files.isDirectory(group)
            || Files.readString(group.resolve("cgroup.procs")).isEmpty());
    await().until(() -> Files.deleteIfExists(group) || !Files.isDirectory(group));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void whatTheKernelKillsForLackOfMemoryIsOutOfMemory(String backend) throws Exception {
    site.keepGoing = true;
    String procs = group.resolve("cgroup.procs").toString();
    String hog = "x = b'x' * (200 << 20)";
    Workflow workflow = site.workflow()
        .stage("hog", s -> s.needs().param("procs", procs))
        .stage(
            "command",
            s -> s.op("shell")
                .needs()
                .param("procs", procs)
                .param(
                    "command",
                    "echo $$ > {params.procs}; exec " + python() + " -c \"" + hog + "\""))
        .stage(
            "child",
            s -> s.op("shell")
                .needs()
                .param("procs", procs)
                .param(
                    "command",
                    "(echo $(exec sh -c 'echo $PPID') > {params.procs}; exec " + python() + " -c \""
                        + hog + "\"); exit $?"))
        .build();
    Execution execution = backend.equals("dask")
        ? execution().pool("default", pool -> pool.workers(1)).build()
        : Execution.builder().backend("local").config("python", python()).build();
    RunResult result = site.run(workflow, execution);
    for (String stage : List.of("hog", "command", "child")) {
      TaskResult task = result.stage(stage).tasks().get(0);
      assertThat(Objects.requireNonNull(task.failure()).kind())
          .as("%s on %s: %s", stage, backend, task.failure())
          .isEqualTo(FailureKind.OUT_OF_MEMORY);
      assertThat(task.failure().message())
          .contains("the system killed a process for lack of memory meanwhile");
      assertThat(task.failure().exitCode()).isEqualTo(137);
      assertThat(task.attempts()).isEqualTo(1);
    }
  }
}
