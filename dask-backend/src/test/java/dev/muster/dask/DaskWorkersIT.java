package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.JobStatus.End;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How workers come to their end, and what that means for tasks. */
class DaskWorkersIT {
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
}
