package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.batch.spi.JobStatus.End;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.TaskFailure;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How workers come to their end, and what that means for tasks. */
class DaskWorkersIT {
  /** A Python whose workers lose their connection as soon as they have one. */
  private static final String FLAKY = """
      #!/bin/sh
      exec PYTHON -c '
      import sys, muster_dask.worker as worker

      async def lose(server, *_):
          server.batched_stream.comm.abort()

      worker.leave_in_time = lose
      worker.main()' "$5"
      """;

  @TempDir
  Path base;

  private DaskSite site;

  @BeforeEach
  void makeSite() throws IOException {
    site = new DaskSite(base);
  }

  private Workflow dying(Retry retry) {
    return site.workflow().stage("die_once", s -> s.retry(retry)).stage("add").build();
  }

  private RunEvent.TaskFailed failure() {
    assertThat(site.events(RunEvent.TaskFailed.class)).hasSize(1);
    return site.events(RunEvent.TaskFailed.class).get(0);
  }

  @Test
  void aWorkerThatHasServedItsTimeFinishesItsTaskAndIsReplacedBefore() throws Exception {
    Workflow workflow = site.workflow()
        .dataset(Dataset.of("data", "a", "b", "c", "d", "e", "f"))
        .stage("sleep", s -> s.param("seconds", 2))
        .build();
    Execution execution = DaskSite.execution()
        .pool("default", pool -> pool.workers(1).config("lifetime", "3s"))
        .build();
    RunResult result = site.run(workflow, execution);
    assertThat(result.orThrow().stage("sleep").succeeded()).isEqualTo(6);
    assertThat(site.events(RunEvent.TaskFailed.class)).isEmpty();
    assertThat(site.events(RunEvent.TaskSucceeded.class)).allMatch(task -> task.attempt() == 1);
    assertThat(site.events(RunEvent.WorkerStarted.class)).hasSizeGreaterThan(1);
  }

  @Test
  void aTaskWhoseWorkerRanOutOfMemoryGoesToTheLargerPool() throws Exception {
    site.strategies.add(new Renaming(End.OUT_OF_MEMORY));
    Execution execution = DaskSite.execution()
        .strategy("renaming")
        .pool("default", pool -> pool.workers(1))
        .pool("high_memory", pool -> pool.workers(1))
        .build();
    RunResult result = site.run(dying(new Retry(1, Duration.ZERO, "high_memory")), execution);
    assertThat(result.orThrow().stage("add").tasks())
        .allMatch(task -> task.value().equals(6L));
    assertThat(failure().kind()).isEqualTo(FailureKind.OUT_OF_MEMORY);
    assertThat(failure().message())
        .contains("its job ran out of memory (exit code 137; so says the test)");
    assertThat(site.events(RunEvent.TaskStarted.class))
        .filteredOn(event -> event.name().equals("die_once"))
        .extracting(RunEvent.TaskStarted::pool)
        .containsExactly("default", "high_memory");
  }

  @Test
  void aTaskThatRanOutOfMemorySpendsARetry() throws Exception {
    site.strategies.add(new Renaming(End.OUT_OF_MEMORY));
    Execution execution = DaskSite.execution()
        .strategy("renaming")
        .pool("default", pool -> pool.workers(1))
        .build();
    RunResult result = site.run(dying(Retry.never()), execution);
    assertThat(result.failures()).isNotEmpty();
    assertThat(failure().kind()).isEqualTo(FailureKind.OUT_OF_MEMORY);
  }

  @Test
  void aTaskWhoseWorkerWasOutOfWalltimeSpendsNoRetry() throws Exception {
    site.strategies.add(new Renaming(End.WALLTIME));
    Execution execution = DaskSite.execution()
        .strategy("renaming")
        .pool("default", pool -> pool.workers(1))
        .build();
    RunResult result = site.run(dying(Retry.never()), execution);
    assertThat(result.orThrow().stage("add").tasks())
        .allMatch(task -> task.value().equals(6L));
    assertThat(failure().kind()).isEqualTo(FailureKind.WALLTIME);
    assertThat(site.events(RunEvent.Notice.class))
        .anyMatch(notice -> notice.message().contains("was out of walltime"));
  }

  @Test
  void aWorkerWithWrongArgumentsIsRefusedAtOnce() throws Exception {
    Execution execution = DaskSite.execution()
        .pool(
            "default", pool -> pool.workers(1).config("worker_extra_args", List.of("--speed", "9")))
        .build();
    RunResult result = site.run(site.workflow().stage("one").build(), execution);
    assertThat(result.failures().get(0).failure().message())
        .contains("exit code 78")
        .contains("its arguments are wrong (worker_extra_args): --speed 9");
  }

  @Test
  void aWorkerTakesArgumentsThatWorkersOfDaskKnow() throws Exception {
    Execution execution = DaskSite.execution()
        .pool(
            "default",
            pool -> pool.workers(1)
                .config(
                    "worker_extra_args",
                    List.of("--resources", "license=2", "--memory-limit", "2GB")))
        .build();
    RunResult result = site.run(site.workflow().stage("where").build(), execution);
    assertThat(result.orThrow().stage("where").tasks().get(0).value().toString())
        .contains("license");
  }

  @Test
  void textThatIsNoUnicodeIsReadableAndCostsNoWorker() throws Exception {
    site.keepGoing = true;
    Workflow workflow = site.workflow()
        .stage("bad", s -> s.op("foul").needs().param("where", "error"))
        .stage("key", s -> s.op("foul").needs().param("where", "key"))
        .stage("good", s -> s.op("foul").needs().param("where", "told"))
        .build();
    RunResult result = site.run(workflow, DaskSite.two());
    TaskFailure error = result.stage("bad").tasks().get(0).failure();
    assertThat(error.kind()).isEqualTo(FailureKind.OPERATION);
    assertThat(error.message()).contains("ValueError: not a ROOT file: bad-\\udcff.root");
    assertThatThrownBy(() -> result.stage("key").tasks().get(0).value())
        .hasMessageContaining("the text 'bad-\\udcff.root', which is no Unicode");
    assertThat(result.stage("good").succeeded()).isEqualTo(1);
    assertThat(site.events(RunEvent.WorkerEnded.class)).isEmpty();
  }

  @Test
  void aTaskWhoseWorkerLosesItsConnectionEachTimeFailsAfterThree() throws Exception {
    site.keepGoing = true;
    Workflow workflow = site.workflow()
        .stage("drop", s -> s.needs())
        .stage("one", s -> s.needs())
        .build();
    RunResult result = site.run(workflow, DaskSite.two());
    assertThat(result.failures()).hasSize(1);
    assertThat(result.failures().get(0).attempts()).isEqualTo(3);
    assertThat(result.failures().get(0).failure().kind()).isEqualTo(FailureKind.WORKER_LOST);
    assertThat(result.stage("one").succeeded()).isEqualTo(1);
    assertThat(site.events(RunEvent.WorkerStarted.class)).hasSizeLessThanOrEqualTo(5);
  }

  @Test
  void aPoolWhoseWorkersLoseTheirConnectionBeforeTheyWorkIsGivenUp() throws Exception {
    Path flaky = base.resolve("flaky-python");
    Files.writeString(flaky, FLAKY.replace("PYTHON", DaskSite.python()));
    assertThat(flaky.toFile().setExecutable(true)).isTrue();
    Workflow workflow = site.workflow()
        .stage("sleep", s -> s.param("seconds", 60))
        .stage("add", s -> s.require("flaky"))
        .build();
    Execution execution = DaskSite.execution()
        .pool("default", pool -> pool.workers(1))
        .pool(
            "flaky",
            pool ->
                pool.workers(1).config("python", flaky.toString()).config("max_lost_workers", 2))
        .build();
    RunResult result = site.run(workflow, execution);
    assertThat(result.failures().get(0).failure().message())
        .startsWith(
            "pool flaky has no workers: 3 were lost one after the other and finished no task"
                + " in between, at last: worker flaky-2")
        .contains("ended (exit code 75)")
        .contains("the connection to the scheduler")
        .contains("is broken");
  }
}
