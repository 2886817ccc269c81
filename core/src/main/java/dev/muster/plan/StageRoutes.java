package dev.muster.plan;

import com.google.common.collect.ImmutableSet;
import dev.muster.error.Suggestions;
import dev.muster.error.Unread;
import dev.muster.execution.EffectiveExecution;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;

/** Routes stages, and finds what is wrong or doubtful about what they ask for. Not thread-safe. */
final class StageRoutes {
  private final Workflow workflow;
  private final Router router;
  private final Doubts doubts;
  private final Findings findings;
  private final List<Route> routes = new ArrayList<>();
  private final List<Stage> stages = new ArrayList<>();
  private final ImmutableSet.Builder<String> adrift = ImmutableSet.builder();

  /**
   * Routes the stages of a workflow.
   *
   * @param unread what could not be read; what only follows from that is not told
   * @param findings receives what is wrong
   */
  StageRoutes(
      Workflow workflow,
      EffectiveExecution execution,
      Router router,
      Unread unread,
      Findings findings) {
    this.workflow = workflow;
    this.router = router;
    this.doubts = new Doubts(unread, execution, router);
    this.findings = findings;
    WorkerAssignments workers = new WorkerAssignments(workflow, execution.execution());
    for (Stage stage : workflow.stages()) {
      add(workers.assigned(stage));
    }
  }

  /** Returns the routes; one that stands in where there is none. */
  List<Route> routes() {
    return routes;
  }

  /** Returns the stages, without an escalation that leads nowhere. */
  List<Stage> stages() {
    return stages;
  }

  /** Returns the stages of which it is not known to which backend they go. */
  ImmutableSet<String> adrift() {
    return adrift.build();
  }

  private void add(Stage stage) {
    checkImage(stage);
    boolean lost = doubts.adrift(stage);
    if (router.answer(stage) instanceof Answer.Found found) {
      routes.add(found.route());
      checkFallback(stage);
      checkPreference(stage);
    } else {
      Answer.Missing missing = (Answer.Missing) router.answer(stage);
      if (doubts.certain(stage, missing)) {
        findings.problem(missing.problem(stage));
      }
      lost |= missing.path().equals(".executor");
      routes.add(router.standIn(stage));
    }
    stages.add(checkEscalation(stage) ? stage : withoutEscalation(stage));
    if (lost) {
      adrift.add(stage.id());
    }
  }

  private static Stage withoutEscalation(Stage stage) {
    return stage.toBuilder().retry(Retry.never()).build();
  }

  // Of what a workflow brings along, only commands run in containers.
  private void checkImage(Stage stage) {
    String image = stage.environment().image();
    String impl = workflow.registry().operations().get(stage.op());
    boolean java = stage.operation() != null
        || workflow.operations().containsKey(stage.op())
        || (impl != null && impl.startsWith("java:"));
    if (image != null && (java || impl != null || stage.op().equals("python"))) {
      findings.problem(
          stage,
          ".environment.image",
          "the stage asks for the container image '" + image + "', but only the operation shell"
              + " runs in containers, not " + (java ? "Java" : "Python") + " code",
          "remove 'image', or write the stage as a shell command, for example: python3 train.py");
    }
  }

  /** Returns whether the label that a stage escalates to leads somewhere. */
  private boolean checkEscalation(Stage stage) {
    String label = stage.retry().escalate();
    if (label == null || !(router.escalation(stage, label) instanceof Answer.Missing missing)) {
      return true;
    }
    boolean again = missing.path().equals(".executor"); // told already
    if (!again && doubts.certain(stage.toBuilder().require(label).build(), missing)) {
      findings.problem(missing.problem(stage, ".execution.retry.escalate"));
    }
    return false;
  }

  // A label that no pool has is no error here: another site may have it. One that is nearly a label
  // is probably misspelt.
  private void checkPreference(Stage stage) {
    if (stage.requirement() instanceof Requirement.Prefer prefer
        && !router.provides(prefer.label())
        && doubts.lacks(prefer.label())
        && Suggestions.nearest(prefer.label(), router.labels()) != null) {
      findings.warning(
          stage,
          ".execution.prefer",
          "no pool provides the label '" + prefer.label() + "'",
          findings.didYouMean(prefer.label(), router.labels()));
    }
  }

  private void checkFallback(Stage stage) {
    if (stage.requirement() instanceof Requirement.Prefer prefer
        && prefer.fallback() != null
        && !router.provides(prefer.fallback())
        && doubts.lacks(prefer.fallback())) {
      findings.warning(
          stage,
          ".execution.fallback",
          "no pool provides the label '" + prefer.fallback() + "'",
          findings.didYouMean(prefer.fallback(), router.labels()));
    }
  }
}
