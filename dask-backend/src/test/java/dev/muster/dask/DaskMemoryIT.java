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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Processes that the kernel kills since their control group is out of memory; left out where this user may not make
 * one.
 */
class DaskMemoryIT {
  private static final Path GROUPS = Path.of(
      Files.isDirectory(Path.of("/sys/fs/cgroup/memory"))
          ? "/sys/fs/cgroup/memory"
          : "/sys/fs/cgroup");
  private static final String LIMIT = Integer.toString(700 << 20);

  @TempDir
  Path base;

  private DaskSite site;
  private Path home;
  private Path group;
  private Path neighbours;

  /**
   * Puts this JVM, and so all that it starts, into a group with little memory, in which what says so itself is killed
   * first.
   */
  @BeforeEach
  void makeSite() throws IOException {
    site = new DaskSite(base);
    home = home();
    group = make();
    neighbours = make();
    move(group);
  }

  private static Path home() throws IOException {
    String kind = GROUPS.endsWith("memory") ? "memory" : "";
    String line = Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
        .filter(each -> List.of(each.split(":", 3)[1].split(",")).contains(kind))
        .findFirst()
        .orElseThrow();
    return GROUPS.resolve(line.split(":", 3)[2].substring(1));
  }

  private static Path make() throws IOException {
    Path made = GROUPS.resolve("muster-test-" + UUID.randomUUID());
    try {
      Files.createDirectory(made);
      String limit = GROUPS.endsWith("memory") ? "memory.limit_in_bytes" : "memory.max";
      Files.writeString(made.resolve(limit), LIMIT);
    } catch (IOException e) {
      Files.deleteIfExists(made);
      assumeThat(e).as("this user may not limit the memory of a control group").isNull();
    }
    return made;
  }

  private static void move(Path group) throws IOException {
    Files.writeString(
        group.resolve("cgroup.procs"), Long.toString(ProcessHandle.current().pid()));
  }

  @AfterEach
  void removeGroups() throws IOException {
    if (group != null) {
      move(home);
    }
    for (Path made : Stream.of(group, neighbours).filter(Objects::nonNull).toList()) {
      await().until(() -> Files.readString(made.resolve("cgroup.procs")).isEmpty());
      await().ignoreExceptions().until(() -> Files.deleteIfExists(made));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void whatTheKernelKillsForLackOfMemoryIsOutOfMemory(String backend) throws Exception {
    site.keepGoing = true;
    String hog = python()
        + " -c \"open('/proc/self/oom_score_adj', 'w').write('1000'); x = b'x' * (1500 << 20)\"";
    Workflow workflow = site.workflow()
        .stage("hog", s -> s.needs())
        .stage("command", s -> s.op("shell").needs().param("command", "exec " + hog))
        .stage("child", s -> s.op("shell").needs().param("command", "(exec " + hog + "); exit $?"))
        .stage(
            "other",
            s -> s.op("shell")
                .needs()
                .param("procs", neighbours.resolve("cgroup.procs").toString())
                .param(
                    "command",
                    "procs={params.procs}\n(echo $(exec sh -c 'echo $PPID') > \"$procs\"; exec "
                        + hog + ")\n[ $? = 137 ] && kill -KILL $$"))
        .build();
    // One after the other: what is killed in this group counts for all that runs in it meanwhile.
    Execution execution = backend.equals("dask")
        ? execution().pool("default", pool -> pool.workers(1)).build()
        : Execution.builder()
            .backend("local")
            .config("python", python())
            .pool("default", pool -> pool.workers(1).slots(1))
            .build();
    RunResult result = site.run(workflow, execution);
    for (String stage : List.of("hog", "command", "child")) {
      assertKilled(result, stage, FailureKind.OUT_OF_MEMORY, "for lack of memory meanwhile");
    }
    // The host's count has that of its neighbour.
    assertKilled(result, "other", FailureKind.OPERATION, "something killed it");
  }

  private static void assertKilled(
      RunResult result, String stage, FailureKind kind, String message) {
    TaskResult task = result.stage(stage).tasks().get(0);
    assertThat(Objects.requireNonNull(task.failure()).kind())
        .as("%s: %s", stage, task.failure())
        .isEqualTo(kind);
    assertThat(task.failure().message()).contains(message);
    assertThat(task.failure().exitCode()).isEqualTo(137);
    assertThat(task.attempts()).isEqualTo(1);
  }
}
