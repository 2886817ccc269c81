package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Execution;
import dev.muster.execution.Staging;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskFailure;
import dev.muster.run.TaskResult;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is told of a process that ended when its task was over. */
class DaskBlameIT {
  @TempDir
  Path base;

  private DaskSite site;

  @BeforeEach
  void makeSite() throws IOException {
    site = new DaskSite(base);
  }

  private RunResult run(Workflow workflow, Execution execution) throws IOException {
    RunResult result = site.run(workflow, execution);
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    return result;
  }

  /** Makes sure that a task was lost three times. */
  private TaskFailure lost(RunResult result, String stage, int began) {
    TaskResult task = result.stage(stage).tasks().get(0);
    assertThat(site.events(RunEvent.TaskFailed.class))
        .filteredOn(event -> event.name().equals(stage))
        .hasSize(3)
        .allMatch(event -> event.kind() == FailureKind.WORKER_LOST);
    assertThat(task.attempts()).isEqualTo(began);
    assertThat(task.failure()).isNotNull();
    return task.failure();
  }

  @ParameterizedTest
  @CsvSource({
    "SHARED, 1, default-2",
    "SHARED, 2, default-2.",
    "TRANSFER, 1, default-2",
    "TRANSFER, 2, default-2."
  })
  void aProcessThatEndsBeforeItsTaskIsToldOfFailsTheTask(Staging staging, int slots, String worker)
      throws Exception {
    Execution execution = DaskSite.execution()
        .staging(staging)
        .pool("default", pool -> pool.workers(1).slots(slots))
        .build();
    RunResult result = run(site.workflow().stage("end_untold").build(), execution);
    TaskFailure failure = lost(result, "end_untold", 3);
    assertThat(failure.exitCode()).isEqualTo(7);
    assertThat(failure.message())
        .startsWith("its worker " + worker)
        .contains(" was lost before it had told what became of it; its job ended (exit code 7)")
        .contains("\nstderr (")
        .contains("\n  untold");
  }

  @Test
  void anOutputThatIsLostAgainAndAgainIsNotMadeForEver() throws Exception {
    Workflow workflow = site.workflow()
        .stage("end_later")
        .stage("sleep", s -> s.needs().require("second").param("seconds", 1000))
        .stage("total", s -> s.needs("end_later", "sleep").require("second"))
        .build();
    Execution execution = DaskSite.execution()
        .pool("default", pool -> pool.workers(1))
        .pool("second", pool -> pool.workers(1))
        .build();
    RunResult result = run(workflow, execution);
    assertThat(result.stage("end_later").tasks().get(0).attempts()).isEqualTo(1);
    assertThat(lost(result, "total", 0).message())
        .startsWith("the output of end_later that it reads was lost 3 times")
        .contains("; its job ended (exit code 134");
    assertThat(site.events(RunEvent.WorkerStarted.class)).hasSizeBetween(10, 11);
  }
}
