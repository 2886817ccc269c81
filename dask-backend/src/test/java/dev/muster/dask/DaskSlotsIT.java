package dev.muster.dask;

import static dev.muster.dask.DaskSite.execution;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaskSlotsIT {
  @TempDir
  Path base;

  private DaskSite site;

  @BeforeEach
  void makeSite() throws IOException {
    site = new DaskSite(base);
  }

  private static Execution oneWorkerWithTwoSlots(boolean threads) {
    return execution()
        .pool("default", p -> p.workers(1).slots(2).config("threads", threads))
        .build();
  }

  private Workflow meeting() {
    return site.workflow()
        .dataset(Dataset.of("data", "a", "b"))
        .stage("meet")
        .stage("made", s -> s.scope(Scope.GLOBAL))
        .build();
  }

  @Test
  void eachSlotHasAProcessOfItsOwnAndObjectsPassBetweenThem() throws Exception {
    RunResult result = site.run(meeting(), oneWorkerWithTwoSlots(false));
    List<?> made = (List<?>) result.orThrow().stage("made").tasks().get(0).value();
    List<?> first = (List<?>) made.get(0);
    List<?> second = (List<?>) made.get(1);
    assertThat(first.get(0)).isNotEqualTo(second.get(0));
    assertThat(List.of(first.get(1), second.get(1))).containsOnly(1L);
    assertThat(made.get(2)).isEqualTo("default-0");
    assertThat(result.stage("meet").tasks()).allMatch(task -> task.worker().equals("default-0"));
    assertThat(site.events(RunEvent.WorkerStarted.class))
        .singleElement()
        .matches(event -> event.worker().equals("default-0"));
  }

  @Test
  void slotsShareAProcessWhereThePoolSaysSo() throws Exception {
    RunResult result = site.run(meeting(), oneWorkerWithTwoSlots(true));
    List<?> made = (List<?>) result.orThrow().stage("made").tasks().get(0).value();
    assertThat(((List<?>) made.get(0)).get(0)).isEqualTo(((List<?>) made.get(1)).get(0));
  }

  @Test
  void theCrashOfOneSlotIsTheLossOfWhatRanThere() throws Exception {
    Workflow workflow = site.workflow()
        .dataset(Dataset.of("data", "a", "b"))
        .stage("crash_beside")
        .build();
    RunResult result = site.run(workflow, oneWorkerWithTwoSlots(false));
    assertThat(result.orThrow().stage("crash_beside").succeeded()).isEqualTo(2);
    assertThat(site.events(RunEvent.TaskFailed.class))
        .singleElement()
        .matches(event -> event.kind() == FailureKind.WORKER_LOST)
        .matches(event -> event.message().contains("its worker default-0 died"));
    assertThat(site.events(RunEvent.WorkerStarted.class))
        .extracting(RunEvent.WorkerStarted::worker)
        .containsExactly("default-0", "default-1");
  }
}
