package dev.muster.dask;

import static dev.muster.dask.DaskSite.LIMIT;
import static dev.muster.dask.DaskSite.execution;
import static dev.muster.dask.DaskSite.python;
import static dev.muster.dask.DaskSite.two;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.muster.error.MusterException;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskResult;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaskFailuresIT {
  @TempDir
  Path base;

  private DaskSite site;

  @BeforeEach
  void makeSite() throws IOException {
    site = new DaskSite(base);
  }

  private static TaskResult failure(RunResult result) {
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    return result.failures().get(0);
  }

  @Test
  void aWorkerKilledInTheMiddleOfATaskCostsNoRetry() throws Exception {
    Workflow workflow = site.workflow()
        .dataset(Dataset.of("data", "a", "b", "c", "d"))
        .stage("sleep", s -> s.param("seconds", 3))
        .build();
    RunResult result;
    try (Run run = site.start(workflow, two())) {
      DaskSite.kill(site.taskProcess());
      result = run.await(LIMIT);
    }
    assertThat(result.orThrow().stage("sleep").succeeded()).isEqualTo(4);
    assertThat(site.events(RunEvent.TaskFailed.class))
        .singleElement()
        .matches(event -> event.kind() == FailureKind.WORKER_LOST);
    assertThat(site.events(RunEvent.WorkerStarted.class)).hasSizeGreaterThanOrEqualTo(2);
    assertThat(site.processes()).isEmpty();
  }

  @Test
  void aWorkerKilledInTheMiddleOfAFusedTaskLosesNothing() throws Exception {
    Workflow workflow = site.workflow()
        .dataset(Dataset.of("data", "a", "b", "c"))
        .stage("one")
        .stage("die_once")
        .stage("add")
        .build();
    RunResult result = site.run(workflow, two());
    assertThat(result.orThrow().stage("add").tasks())
        .allMatch(task -> task.value().equals(6L));
    assertThat(result.stage("one").tasks()).allMatch(task -> task.attempts() == 1);
  }

  @Test
  void aWorkerKilledInTheLastTaskIsReplaced() throws Exception {
    Workflow workflow = site.workflow().stage("one").stage("die_once").build();
    RunResult result =
        site.run(workflow, execution().pool("default", pool -> pool.workers(1)).build());
    assertThat(result.orThrow().stage("die_once").tasks().get(0).value()).isEqualTo(5L);
    assertThat(site.events(RunEvent.WorkerStarted.class)).hasSize(2);
  }

  @Test
  void whatIsDoneAndReadByNothingIsNotDoneAgainWhenItsWorkerIsLost() throws Exception {
    Workflow workflow = site.workflow()
        .stage("record", s -> s.needs())
        .stage("wait", s -> s.needs())
        .build();
    RunResult result;
    try (Run run = site.start(
        workflow, execution().pool("default", pool -> pool.workers(3)).build())) {
      await()
          .atMost(LIMIT)
          .until(() -> site.events(RunEvent.TaskSucceeded.class).size() == 1
              && site.events(RunEvent.WorkerStarted.class).size() == 3);
      String note = site.notes("record-default-").keySet().iterator().next();
      DaskSite.kill(Long.parseLong(note));
      await().atMost(LIMIT).until(() -> !site.events(RunEvent.WorkerEnded.class).isEmpty());
      Files.createFile(base.resolve("go"));
      result = run.await(LIMIT);
    }
    assertThat(result.orThrow().stage("wait").succeeded()).isEqualTo(1);
    assertThat(site.notes("record-default-").values()).containsExactly("record\n");
  }

  @Test
  void aWorkerWhoseTaskDoesNotHeedItsTimeoutIsEndedAndReplaced() throws Exception {
    site.keepGoing = true;
    Workflow workflow = site.workflow()
        .dataset(Dataset.of("data", "a", "b"))
        .stage("stubborn", s -> s.timeout(Duration.ofSeconds(1)))
        .build();
    RunResult result =
        site.run(workflow, execution().pool("default", pool -> pool.workers(1)).build());
    TaskResult failed = failure(result);
    assertThat(failed.failure().kind()).isEqualTo(FailureKind.TIMEOUT);
    assertThat(result.stage("stubborn").succeeded()).isEqualTo(1);
    assertThat(result.stage("stubborn").tasks().get(1).value())
        .as("the process of the second task")
        .isNotEqualTo(site.started().get(0));
    assertThat(site.events(RunEvent.WorkerStarted.class)).hasSize(2);
    assertThat(site.events(RunEvent.WorkerEnded.class)).isNotEmpty();
  }

  @Test
  void aTaskThatKillsItsWorkersFailsAloneAfterThree() throws Exception {
    site.keepGoing = true;
    Workflow workflow = site.workflow()
        .dataset(Dataset.of("data", "a", "b", "c", "d", "e", "f"))
        .stage("die", s -> s.needs().scope(dev.muster.workflow.Scope.GLOBAL))
        .stage("one", s -> s.needs())
        .stage("add")
        .build();
    RunResult result = site.run(workflow, two());
    TaskResult failed = failure(result);
    assertThat(failed.failure().kind()).isEqualTo(FailureKind.WORKER_LOST);
    assertThat(failed.failure().message()).contains("died while it ran");
    assertThat(failed.attempts()).isEqualTo(3);
    assertThat(base.resolve("deaths")).content().isEqualTo("xxx");
    assertThat(result.stage("add").succeeded()).isEqualTo(6);
  }

  @Test
  void aKilledBridgeEndsTheRunWithItsReason() throws Exception {
    Workflow workflow = site.workflow().stage("sleep").build();
    RunResult result;
    try (Run run = site.start(workflow, two())) {
      site.taskProcess();
      long bridge = site.processes().stream()
          .filter(pid -> ProcessHandle.of(pid)
              .flatMap(handle -> handle.info().commandLine())
              .orElse("")
              .contains("muster_dask.bridge"))
          .findFirst()
          .orElseThrow();
      DaskSite.kill(bridge);
      result = run.await(LIMIT);
    }
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(result.error()).hasMessageContaining("bridge").hasMessageContaining("137");
    assertThat(site.processes()).isEmpty();
  }

  @Test
  void aPoolWhoseWorkersNeverStartFailsItsTasksWithTheEndOfTheirLog() throws Exception {
    Path broken = base.resolve("broken-python");
    Files.writeString(broken, "#!/bin/sh\necho no such luck >&2\nexit 3\n");
    assertThat(broken.toFile().setExecutable(true)).isTrue();
    Workflow workflow =
        site.workflow().stage("one").stage("add", s -> s.require("bad")).build();
    RunResult result = site.run(
        workflow,
        execution()
            .pool("default", pool -> pool.workers(1))
            .pool("bad", pool -> pool.workers(2).config("python", broken.toString()))
            .build());
    assertThat(failure(result).failure().message())
        .contains("pool bad has no workers")
        .contains("exit code 3")
        .contains("no such luck");
  }

  @Test
  void aPoolWhoseWorkersDoNotComeInTimeFailsItsTasks() throws Exception {
    Path slow = base.resolve("slow-python");
    Files.writeString(slow, "#!/bin/sh\nexec sleep 600\n");
    assertThat(slow.toFile().setExecutable(true)).isTrue();
    Workflow workflow = site.workflow().stage("one").build();
    RunResult result = site.run(
        workflow,
        execution()
            .config("worker_start_timeout", "2s")
            .pool("default", pool -> pool.workers(1).config("python", slow.toString()))
            .build());
    assertThat(failure(result).failure().message()).contains("worker_start_timeout");
  }

  @Test
  void aWorkerWithOtherSoftwareIsRefused() throws Exception {
    String other = System.getProperty("muster.dask.other", "");
    assumeThat(other).as("a Python with another version of distributed").isNotEmpty();
    Workflow workflow = site.workflow().stage("one").build();
    RunResult result = site.run(
        workflow,
        execution()
            .pool("default", pool -> pool.workers(1).config("python", other))
            .build());
    assertThat(failure(result).failure().message()).contains("this worker is refused");
    assertThat(site.events(RunEvent.WorkerStarted.class)).isEmpty();
  }

  @Test
  void saysWhatToInstallWhereDistributedIsMissing() throws Exception {
    Path bare = base.resolve("bare-python");
    Files.writeString(bare, "#!/bin/sh\nexec " + python() + " -S \"$@\"\n");
    assertThat(bare.toFile().setExecutable(true)).isTrue();
    Workflow workflow = site.workflow().stage("one").build();
    assertThatThrownBy(() -> site.start(
            workflow,
            execution()
                .config("python", bare.toString())
                .pool("default", pool -> pool.workers(1))
                .build()))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("pip install")
        .hasMessageContaining("python3-distributed");
    assertThat(site.processes()).isEmpty();
  }

  @Test
  void aBridgeThatSaysSomethingElseIsTold() throws Exception {
    Path talkative = base.resolve("talkative");
    Files.writeString(talkative, "#!/bin/sh\necho Welcome!\nexec sleep 300\n");
    assertThat(talkative.toFile().setExecutable(true)).isTrue();
    Workflow workflow = site.workflow().stage("one").build();
    assertThatThrownBy(() -> site.start(
            workflow, two().toBuilder().config("python", talkative.toString()).build()))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("cannot be understood: this is not JSON")
        .hasMessageContaining("Welcome");
    assertThat(site.processes()).isEmpty();
  }

  @Test
  void anExceptionThatDoesNotUnpickleIsToldInFull() throws Exception {
    RunResult result = site.run(site.workflow().stage("odd").build(), two());
    assertThat(failure(result).failure().message()).contains("Odd: odd 1 2").contains("in odd");
  }

  @Test
  void anOutputOfThisJvmThatCannotTravelFailsWhatReadsIt() throws Exception {
    Workflow workflow = site.workflow()
        .stage(
            "count",
            s -> s.run(context -> Map.of("jets", Map.of(7, "seven")))
                .environment(e -> e.executor("LocalExecutor")))
        .stage("add")
        .build();
    TaskResult failed = failure(site.run(workflow, two()));
    assertThat(failed.name()).isEqualTo("add");
    assertThat(failed.failure().kind()).isEqualTo(FailureKind.SERIALIZATION);
    assertThat(failed.failure().message())
        .isEqualTo("the output of count.jets has the key 7; keys must be strings");
  }

  @Test
  void aCancelledRunLeavesNothing() throws Exception {
    Workflow workflow = site.workflow()
        .dataset(Dataset.of("data", "a", "b", "c", "d"))
        .stage("sleep")
        .stage("add")
        .build();
    RunResult result;
    try (Run run = site.start(workflow, two())) {
      site.taskProcess();
      run.cancel();
      result = run.await(LIMIT);
    }
    assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
    assertThat(site.processes()).isEmpty();
  }

  @Test
  void aKilledJvmLeavesNothingAfterTenSeconds() throws Exception {
    Process jvm = elsewhere();
    try {
      site.taskProcess();
      assertThat(site.processes()).isNotEmpty();
      jvm.destroyForcibly();
      await().atMost(Duration.ofSeconds(10)).until(() -> site.processes().isEmpty());
    } finally {
      jvm.destroyForcibly();
    }
  }

  @Test
  void anInterruptFromTheKeyboardLeavesNothing() throws Exception {
    Process jvm = elsewhere();
    try {
      site.taskProcess();
      new ProcessBuilder("kill", "-INT", Long.toString(jvm.pid())).start().waitFor();
      await().atMost(Duration.ofSeconds(10)).until(() -> site.processes().isEmpty());
    } finally {
      jvm.destroyForcibly();
    }
  }

  private Process elsewhere() throws IOException {
    return new ProcessBuilder(
            "env", // where tests run in the background, SIGINT is ignored
            "--default-signal=INT",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath(),
            "-Dmuster.dask.python=" + python(),
            Sleeper.class.getName(),
            base.toString())
        .redirectErrorStream(true)
        .redirectOutput(base.resolve("jvm.log").toFile())
        .start();
  }

  static String classPath() {
    return String.join(
            java.io.File.pathSeparator,
            List.of(
                System.getProperty("java.class.path"), System.getProperty("jdk.module.path", "")))
        + java.io.File.pathSeparator
        + Path.of("target/test-classes").toAbsolutePath();
  }

  /** A program whose run sleeps. */
  static final class Sleeper {
    private Sleeper() {}

    public static void main(String[] args) throws IOException {
      DaskSite site = new DaskSite(Path.of(args[0]));
      Workflow workflow = site.workflow()
          .dataset(Dataset.of("data", "a", "b", "c", "d"))
          .stage("sleep")
          .build();
      try (Run run = site.start(workflow, two())) {
        run.await();
      }
    }
  }
}
