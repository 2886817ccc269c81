package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import dev.muster.execution.EffectiveExecution;
import dev.muster.execution.Layer;
import dev.muster.execution.Layers;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Joins a workflow with an execution: merges the layers, cuts the data, routes the stages and links them.
 *
 * <p>Pure and deterministic: it reads nothing but its arguments. Thread-safe.
 *
 * @since 0.1
 */
public final class Planner {
  private final Workflow workflow;
  private final List<Stage> stages;
  private final Findings findings = new Findings();

  private Planner(Workflow workflow) {
    this.workflow = workflow;
    this.stages = workflow.stages();
  }

  /**
   * Plans a workflow.
   *
   * @param lowestFirst the layers of the execution, the lowest first
   * @param machine the machine that stands in where no pools are described
   * @throws WorkflowException if it cannot be planned; lists all problems
   */
  public static Plan plan(Workflow workflow, List<Layer> lowestFirst, Machine machine) {
    return new Planner(workflow).planned(lowestFirst, machine);
  }

  private Plan planned(List<Layer> layers, Machine machine) {
    workflow.warnings().forEach(findings::warning);
    layers.forEach(layer -> layer.warnings().forEach(findings::warning));
    if (stages.isEmpty()) {
      findings.problem("", "workflow " + workflow.name() + " has no stages", null);
    }
    PartitionTable partitions = PartitionTable.cut(workflow, findings);
    TaskGroup[] groups = TaskGroups.of(workflow, partitions, findings);
    Dependencies dependencies = Dependencies.resolve(workflow, findings);
    int[] order = dependencies.order();
    List<List<Bypasses.Bypass>> bypasses = bypasses(groups, dependencies);
    EffectiveExecution execution = merged(layers);
    if (execution == null) {
      throw findings.exception();
    }
    checkStrategies(layers, String.valueOf(execution.execution().strategy()));
    Router router = Router.compile(execution, machine);
    List<Route> routes = routes(router);
    if (findings.hasProblems()) {
      throw findings.exception();
    }
    List<PlannedStage> planned = planned(groups, dependencies, bypasses, routes);
    return new Plan(
        workflow,
        layers,
        machine,
        execution,
        ImmutableList.copyOf(planned),
        partitions,
        router,
        order,
        findings.warnings());
  }

  // Of a workflow whose dependencies are wrong, what stages would read cannot be told.
  private List<List<Bypasses.Bypass>> bypasses(TaskGroup[] groups, Dependencies dependencies) {
    List<List<Bypasses.Bypass>> all = new ArrayList<>(stages.size());
    if (findings.hasProblems()) {
      return all;
    }
    List<String> datasets = workflow.datasets().stream().map(Dataset::name).toList();
    Bypasses bypasses = new Bypasses(stages, datasets, groups, dependencies, findings);
    for (int i = 0; i < stages.size(); i++) {
      all.add(bypasses.of(i));
    }
    return all;
  }

  private @Nullable EffectiveExecution merged(List<Layer> layers) {
    try {
      return Layers.merge(layers);
    } catch (WorkflowException e) {
      e.problems().forEach(findings::problem);
      return null;
    }
  }

  /** A layer that is left out because its strategy has a slip in its name would go unnoticed. */
  private void checkStrategies(List<Layer> layers, String strategy) {
    for (Layer layer : layers) {
      String own = layer.forStrategy();
      if (own != null
          && !own.equals(strategy)
          && Suggestions.nearest(own, List.of(strategy)) != null) {
        findings.warning(
            "for_strategy",
            layer.name() + " is left out: it is for the strategy '" + own
                + "', and the strategy is '" + strategy + "'",
            "did you mean '" + strategy + "'?");
      }
    }
  }

  private List<Route> routes(Router router) {
    List<Route> routes = new ArrayList<>(stages.size());
    for (Stage stage : stages) {
      Answer answer = router.answer(stage);
      if (answer instanceof Answer.Found found) {
        routes.add(found.route());
        checkEscalation(stage, router);
        checkFallback(stage, router);
        checkPreference(stage, router);
      } else {
        findings.problem(((Answer.Missing) answer).problem(stage));
      }
    }
    return routes;
  }

  private void checkEscalation(Stage stage, Router router) {
    String label = stage.retry().escalate();
    if (label != null && router.escalation(stage, label) instanceof Answer.Missing missing) {
      findings.problem(missing.problem(stage, ".execution.retry.escalate"));
    }
  }

  // A label that no pool has is no error here: another site may have it. One that is nearly a label
  // is probably misspelt.
  private void checkPreference(Stage stage, Router router) {
    if (stage.requirement() instanceof Requirement.Prefer prefer
        && !router.provides(prefer.label())
        && Suggestions.nearest(prefer.label(), router.labels()) != null) {
      findings.warning(
          stage,
          ".execution.prefer",
          "no pool provides the label '" + prefer.label() + "'",
          findings.didYouMean(prefer.label(), router.labels()));
    }
  }

  private void checkFallback(Stage stage, Router router) {
    if (stage.requirement() instanceof Requirement.Prefer prefer
        && prefer.fallback() != null
        && !router.provides(prefer.fallback())) {
      findings.warning(
          stage,
          ".execution.fallback",
          "no pool provides the label '" + prefer.fallback() + "'",
          findings.didYouMean(prefer.fallback(), router.labels()));
    }
  }

  private List<PlannedStage> planned(
      TaskGroup[] groups,
      Dependencies dependencies,
      List<List<Bypasses.Bypass>> bypasses,
      List<Route> routes) {
    int count = stages.size();
    List<ImmutableList<Link>> incoming = new ArrayList<>(count);
    List<List<Link>> outgoing = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      outgoing.add(new ArrayList<>(1));
    }
    for (int i = 0; i < count; i++) {
      ImmutableList.Builder<Link> links = ImmutableList.builder();
      for (Dependencies.Dependency dependency : dependencies.of(i)) {
        int producer = dependency.producer();
        Link link = new Link(
            producer, i, groups[producer], groups[i], ImmutableList.copyOf(dependency.inputs()));
        links.add(link);
        outgoing.get(producer).add(link);
      }
      for (Bypasses.Bypass bypass : bypasses.get(i)) {
        int producer = bypass.producer();
        for (Link link : Link.bypass(bypass, i, groups[producer], groups[i])) {
          links.add(link);
          outgoing.get(producer).add(link);
        }
      }
      incoming.add(links.build());
    }
    List<PlannedStage> planned = new ArrayList<>(count);
    long first = 0;
    for (int i = 0; i < count; i++) {
      planned.add(new PlannedStage(
          i,
          stages.get(i),
          routes.get(i),
          groups[i],
          (int) first,
          incoming.get(i),
          ImmutableList.copyOf(outgoing.get(i))));
      first += groups[i].size();
      if (first > Plan.MAX_TASKS) {
        throw new WorkflowException("the plan has more than " + Plan.MAX_TASKS
            + " tasks; cut the data into larger partitions");
      }
    }
    return planned;
  }
}
