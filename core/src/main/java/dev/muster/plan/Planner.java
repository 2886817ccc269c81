package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.error.Problem;
import dev.muster.error.Suggestions;
import dev.muster.error.Unread;
import dev.muster.error.WorkflowException;
import dev.muster.execution.EffectiveExecution;
import dev.muster.execution.Layer;
import dev.muster.execution.Layers;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

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
  private final Unread given;
  private final Findings findings;

  private Planner(Workflow workflow, Unread unread) {
    this.workflow = workflow;
    this.stages = workflow.stages();
    this.given = unread;
    this.findings = new Findings(workflow, unread);
  }

  /**
   * Plans a workflow.
   *
   * @param lowestFirst the layers of the execution, the lowest first
   * @param machine the machine that stands in where no pools are described
   * @throws WorkflowException if it cannot be planned; lists all problems
   */
  public static Plan plan(Workflow workflow, List<Layer> lowestFirst, Machine machine) {
    Attempt attempt = attempt(workflow, lowestFirst, machine, Unread.none());
    if (!attempt.isWhole()) {
      throw new WorkflowException(attempt.problems());
    }
    return attempt.plan();
  }

  /**
   * Plans what can be planned; never throws for what is wrong with a workflow.
   *
   * @param lowestFirst the layers of the execution, the lowest first
   * @param machine the machine that stands in where no pools are described
   * @param unread what of the workflow and the layers could not be read; what would only follow from that is not told
   */
  public static Attempt attempt(
      Workflow workflow, List<Layer> lowestFirst, Machine machine, Unread unread) {
    return new Planner(workflow, unread).attempt(lowestFirst, machine);
  }

  private Attempt attempt(List<Layer> layers, Machine machine) {
    workflow.warnings().forEach(findings::warning);
    layers.forEach(layer -> layer.warnings().forEach(findings::warning));
    if (stages.isEmpty() && given.isEmpty()) {
      findings.problem("stages", "", "workflow " + workflow.name() + " has no stages", null);
    }
    PartitionTable partitions = PartitionTable.cut(workflow, findings);
    TaskGroup[] groups = TaskGroups.of(workflow, partitions, findings);
    Dependencies dependencies = Dependencies.resolve(workflow, findings);
    int[] order = dependencies.order();
    List<List<Bypasses.Bypass>> bypasses = bypasses(groups, dependencies, order);
    List<String> unknown = new ArrayList<>();
    EffectiveExecution execution = Layers.merge(layers, given, problem -> {
      findings.problem(problem);
      unknown.add(problem.path());
    });
    Unread unread = given.and(unknown);
    checkStrategies(layers, String.valueOf(execution.execution().strategy()));
    Router router = Router.compile(execution, machine);
    StageRoutes routes = new StageRoutes(workflow, execution, router, unread, findings);
    if (tooMany(groups)) {
      groups = TaskGroups.single(groups.length);
      bypasses.replaceAll(each -> List.of());
    }
    List<PlannedStage> planned = planned(groups, dependencies, bypasses, routes);
    Plan plan = new Plan(
        workflow,
        layers,
        machine,
        execution,
        ImmutableList.copyOf(planned),
        partitions,
        router,
        order,
        findings.warnings());
    return new Attempt(plan, ImmutableList.copyOf(findings.problems()), unread, routes.adrift());
  }

  /** Tells whether there are more tasks than a plan can have, which is a problem. */
  private boolean tooMany(TaskGroup[] groups) {
    long tasks = 0;
    for (TaskGroup group : groups) {
      tasks += group.size();
    }
    if (tasks > Plan.MAX_TASKS) {
      findings.problem(
          "data",
          "",
          "the plan has more than " + Plan.MAX_TASKS
              + " tasks; cut the data into larger partitions",
          null);
    }
    return tasks > Plan.MAX_TASKS;
  }

  /** Returns which stages read around others; where it is not sure what stages wait for, nothing is said. */
  private List<List<Bypasses.Bypass>> bypasses(
      TaskGroup[] groups, Dependencies dependencies, int[] order) {
    BitSet unsure = new BitSet();
    boolean doubts = findings.hasProblems() || !given.isEmpty();
    for (int k = 0; doubts && k < order.length; k++) {
      int stage = order[k];
      boolean own = findings.dataUnread()
          || dependencies.isWrong(stage)
          || findings.unread(stages.get(stage), ".applies_to")
          || findings.unread(stages.get(stage), ".scope");
      if (own || dependencies.of(stage).stream().anyMatch(each -> unsure.get(each.producer()))) {
        unsure.set(stage);
      }
    }
    List<String> datasets = workflow.datasets().stream().map(Dataset::name).toList();
    Bypasses bypasses = new Bypasses(stages, datasets, groups, dependencies, findings);
    List<List<Bypasses.Bypass>> all = new ArrayList<>(stages.size());
    for (int i = 0; i < stages.size(); i++) {
      all.add(unsure.get(i) ? List.of() : bypasses.of(i));
    }
    return all;
  }

  /** A layer that is left out because its strategy has a slip in its name would go unnoticed. */
  private void checkStrategies(List<Layer> layers, String strategy) {
    for (Layer layer : layers) {
      String own = layer.forStrategy();
      if (own != null
          && !own.equals(strategy)
          && Suggestions.nearest(own, List.of(strategy)) != null) {
        findings.warning(new Problem(
            layer.locations().get("for_strategy"),
            "for_strategy",
            layer.name() + " is left out: it is for the strategy '" + own
                + "', and the strategy is '" + strategy + "'",
            "did you mean '" + strategy + "'?"));
      }
    }
  }

  private void checkBlocks(TaskGroup[] groups, int producer, int consumer) {
    TaskGroup from = groups[producer];
    TaskGroup to = groups[consumer];
    if (!from.fits(to)) {
      findings.problem(
          stages.get(consumer),
          ".block",
          "blocks of " + to.block() + " and those of " + stages.get(producer).id() + ", which have "
              + Counted.of(from.block(), "partition") + ", do not begin together",
          "make one a multiple of the other");
    }
  }

  private void checkTolerances(Dependencies dependencies, List<ImmutableList<Link>> incoming) {
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      boolean gathers = incoming.get(i).stream()
          .anyMatch(link -> link.pattern() == Pattern.GATHER && !link.inputs().isEmpty());
      if (stage.tolerate() != null
          && !gathers
          && !findings.dataUnread()
          && !dependencies.isWrong(i)
          && !findings.unread(stage, ".scope")) {
        findings.problem(
            stage,
            ".tolerate",
            "the stage gathers nothing, so nothing of it can be missing",
            "remove 'tolerate', or write scope: dataset or scope: global for a stage that gathers"
                + " what the tasks before it gave");
      }
    }
  }

  private List<PlannedStage> planned(
      TaskGroup[] groups,
      Dependencies dependencies,
      List<List<Bypasses.Bypass>> bypasses,
      StageRoutes routes) {
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
        checkBlocks(groups, producer, i);
        Link link = new Link(
            producer, i, groups[producer], groups[i], ImmutableList.copyOf(dependency.inputs()));
        links.add(link);
        outgoing.get(producer).add(link);
      }
      for (Bypasses.Bypass bypass : bypasses.get(i)) {
        int producer = bypass.producer();
        checkBlocks(groups, producer, i);
        for (Link link : Link.bypass(bypass, i, groups[producer], groups[i])) {
          links.add(link);
          outgoing.get(producer).add(link);
        }
      }
      incoming.add(links.build());
    }
    checkTolerances(dependencies, incoming);
    List<PlannedStage> planned = new ArrayList<>(count);
    int first = 0;
    for (int i = 0; i < count; i++) {
      planned.add(new PlannedStage(
          i,
          routes.stages().get(i),
          routes.routes().get(i),
          groups[i],
          first,
          incoming.get(i),
          ImmutableList.copyOf(outgoing.get(i))));
      first += groups[i].size();
    }
    return planned;
  }
}
