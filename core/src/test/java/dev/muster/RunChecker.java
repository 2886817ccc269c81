package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.StageResult;
import dev.muster.run.TaskStatus;
import dev.muster.workflow.Scope;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks the events of a run against what a run promises. It works out dependencies by names, not as the engine does.
 */
final class RunChecker {
  private enum Phase {
    WAITING,
    RUNNING,
    AGAIN,
    SUCCEEDED,
    FAILED,
    SKIPPED;

    boolean ended() {
      return compareTo(SUCCEEDED) >= 0;
    }
  }

  private final Plan plan;
  private final List<RunEvent> events;
  private final Map<String, Phase> phases = new HashMap<>();
  private final Map<String, Integer> attempts = new HashMap<>();
  private final Map<String, Set<String>> tasksOf = new HashMap<>();
  private final Set<String> stagesBegun = new HashSet<>();
  private final Set<String> stagesOver = new HashSet<>();

  RunChecker(Plan plan, List<RunEvent> events) {
    this.plan = plan;
    this.events = events;
    for (PlannedStage stage : plan.stages()) {
      Set<String> names = new HashSet<>();
      for (int i = 0; i < stage.taskCount(); i++) {
        names.add(plan.nameOf(stage.firstTask() + i));
      }
      tasksOf.put(stage.id(), names);
      names.forEach(name -> phases.put(name, Phase.WAITING));
    }
  }

  void check(RunResult result, boolean keepGoing) {
    assertThat(events.get(0)).isInstanceOf(RunEvent.RunStarted.class);
    assertThat(events.get(events.size() - 1)).isInstanceOf(RunEvent.RunFinished.class);
    for (int i = 1; i < events.size() - 1; i++) {
      check(events.get(i));
    }
    assertThat(phases.values()).allMatch(Phase::ended);
    assertThat(stagesOver).hasSameSizeAs(plan.stages());
    for (StageResult stage : result.stages().values()) {
      assertThat(stage.succeeded()).isEqualTo(count(stage.id(), Phase.SUCCEEDED));
      assertThat(stage.failed()).isEqualTo(count(stage.id(), Phase.FAILED));
      assertThat(stage.skipped()).isEqualTo(count(stage.id(), Phase.SKIPPED));
      stage.tasks().forEach(task -> {
        assertThat(task.status().name()).isEqualTo(phases.get(task.name()).name());
        assertThat(task.attempts()).isEqualTo(attempts.getOrDefault(task.name(), 0));
        if (task.status() == TaskStatus.FAILED) {
          assertThat(task.failure()).isNotNull();
        }
      });
    }
    RunEvent.RunFinished last = (RunEvent.RunFinished) events.get(events.size() - 1);
    assertThat(last.status()).isEqualTo(result.status());
    boolean all = phases.values().stream().allMatch(phase -> phase == Phase.SUCCEEDED);
    assertThat(result.status() == RunStatus.SUCCEEDED).isEqualTo(all);
    if (result.status() == RunStatus.FAILED && keepGoing) {
      phases.forEach((task, phase) -> assertThat(phase == Phase.SKIPPED)
          .as("%s is skipped only if something that it depends on is not there", task)
          .isEqualTo(dependencies(task).stream()
              .anyMatch(dependency -> phases.get(dependency) != Phase.SUCCEEDED)));
    }
  }

  private long count(String stage, Phase phase) {
    return tasksOf.get(stage).stream().filter(task -> phases.get(task) == phase).count();
  }

  private void check(RunEvent event) {
    if (event instanceof RunEvent.StageStarted e) {
      assertThat(stagesBegun.add(e.stage())).as("%s begins once", e.stage()).isTrue();
    } else if (event instanceof RunEvent.StageFinished e) {
      assertThat(stagesOver.add(e.stage())).as("%s is over once", e.stage()).isTrue();
      assertThat(tasksOf.get(e.stage())).allMatch(task -> phases.get(task).ended());
      assertThat(e.succeeded()).isEqualTo((int) count(e.stage(), Phase.SUCCEEDED));
      assertThat(e.failed()).isEqualTo((int) count(e.stage(), Phase.FAILED));
      assertThat(e.skipped()).isEqualTo((int) count(e.stage(), Phase.SKIPPED));
    } else if (event instanceof RunEvent.TaskStarted e) {
      assertThat(phases.get(e.name())).as("before %s", e).isIn(Phase.WAITING, Phase.AGAIN);
      assertThat(stagesBegun).contains(stageOf(e.name()));
      assertThat(e.attempt()).isEqualTo(attempts.merge(e.name(), 1, Integer::sum));
      assertThat(dependencies(e.name()))
          .as("dependencies of %s", e.name())
          .allMatch(dependency -> phases.get(dependency) == Phase.SUCCEEDED);
      phases.put(e.name(), Phase.RUNNING);
    } else if (event instanceof RunEvent.TaskSucceeded e) {
      end(e.name(), e.attempt(), Phase.SUCCEEDED);
    } else if (event instanceof RunEvent.TaskFailed e) {
      end(e.name(), e.attempt(), e.retryAfter() == null ? Phase.FAILED : Phase.AGAIN);
    } else if (event instanceof RunEvent.TaskSkipped e) {
      assertThat(phases.get(e.name())).as("before %s", e).isIn(Phase.WAITING, Phase.AGAIN);
      phases.put(e.name(), Phase.SKIPPED);
    } else {
      assertThat(event).isNotInstanceOfAny(RunEvent.RunStarted.class, RunEvent.RunFinished.class);
    }
  }

  private void end(String task, int attempt, Phase phase) {
    assertThat(phases.get(task)).as("%s before %s", task, phase).isEqualTo(Phase.RUNNING);
    assertThat(attempt).isEqualTo(attempts.get(task));
    phases.put(task, phase);
  }

  private static String stageOf(String task) {
    return task.replaceFirst("/.*", "");
  }

  private static String datasetOf(String task) {
    return task.contains("/") ? task.replaceFirst(".*/", "").replaceFirst("\\..*", "") : "";
  }

  private static String partitionOf(String task) {
    return task.contains(".") ? task.replaceFirst(".*/", "") : "";
  }

  private Collection<String> dependencies(String task) {
    Set<String> dependencies = new HashSet<>();
    PlannedStage stage = plan.stage(stageOf(task));
    addDependencies(stage, stage, task, dependencies);
    return dependencies;
  }

  private void addDependencies(
      PlannedStage stage, PlannedStage at, String task, Set<String> dependencies) {
    for (String need : at.stage().needs()) {
      for (String other : tasksOf.get(need)) {
        if (belongTogether(stage, task, other)) {
          dependencies.add(other);
        }
      }
      Object wanted = plan.stage(need).stage().appliesTo().get("name");
      boolean leftOut = plan.stage(need).scope() != Scope.GLOBAL
          && wanted != null
          && !datasetOf(task).isEmpty()
          && !((List<?>) wanted).contains(datasetOf(task));
      if (leftOut) { // what that stage would have waited for
        addDependencies(stage, plan.stage(need), task, dependencies);
      }
    }
  }

  private static boolean belongTogether(PlannedStage consumer, String task, String producer) {
    if (datasetOf(producer).isEmpty()) {
      return true;
    }
    if (datasetOf(task).isEmpty()) {
      Object wanted = consumer.stage().appliesTo().get("name");
      return wanted == null || ((List<?>) wanted).contains(datasetOf(producer));
    }
    return (partitionOf(task).isEmpty() || partitionOf(producer).isEmpty())
        ? datasetOf(task).equals(datasetOf(producer))
        : partitionOf(task).equals(partitionOf(producer));
  }
}
