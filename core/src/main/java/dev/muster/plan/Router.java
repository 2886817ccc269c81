package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.error.WorkflowException;
import dev.muster.execution.EffectiveExecution;
import dev.muster.execution.Pool;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageEnvironment;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sends stages to pools.
 *
 * <p>Compiled once from an execution. What stages ask is answered when it is first asked; from then on a route is a
 * look-up that does not depend on the number of stages or pools, and that allocates nothing where stages ask by labels
 * alone. Rules: {@code docs/routing.md}; source: FAST-HEP's resource pools and stage environments. Thread-safe.
 *
 * @since 0.1
 */
public final class Router {
  private final Places places;
  private final PoolIndex pools;
  private final RoutingRules rules;
  private final Map<Requirement, Answer> byRequirement = new ConcurrentHashMap<>();
  private final Map<Question, Answer> byQuestion = new ConcurrentHashMap<>();

  private Router(Places places) {
    this.places = places;
    pools = places.pools();
    rules = new RoutingRules(places);
  }

  /** Returns a router for an execution; without pools, the machine is one pool that stands in for every label. */
  public static Router compile(EffectiveExecution execution, Machine machine) {
    return new Router(new Places(execution, machine));
  }

  /** Returns the pools, in the author's order; where none are described, the one that stands in. */
  public ImmutableList<Pool> pools() {
    return pools.pools();
  }

  /** Returns the labels that stages may require, in the author's order. */
  public Set<String> labels() {
    return pools.labels();
  }

  /**
   * Returns where the tasks of a stage go.
   *
   * @throws WorkflowException if no pool can run them; the problem says what each pool lacks
   */
  public Route route(Stage stage) {
    Answer answer = answer(stage);
    if (answer instanceof Answer.Missing missing) {
      throw new WorkflowException(List.of(missing.problem(stage)));
    }
    return ((Answer.Found) answer).route();
  }

  /** Returns a route for a stage that has none, to look at what else is wrong with it. */
  Route standIn(Stage stage) {
    Question question = Question.of(stage);
    Placement placement = places.find(question.backend(), question.executor());
    Placement.Place place = placement instanceof Placement.Place found
        ? found
        : (Placement.Place) places.find(null, null);
    ImmutableList<Pool> all = place.pools().pools();
    return new Route(
        place.backend(),
        place.strategy(),
        place.executor(),
        all,
        all.get(0).name(),
        Annotations.of(Map.of()),
        "no route was found");
  }

  /** Tells whether a stage may require {@code label}. */
  boolean provides(String label) {
    return !pools.providing(label).isEmpty();
  }

  Answer answer(Stage stage) {
    return asksByLabelAlone(stage) ? answer(stage.requirement()) : answer(Question.of(stage));
  }

  /** Returns where the tasks of a stage would go if it required {@code label} in place of what it asks. */
  Answer escalation(Stage stage, String label) {
    return answer(Question.of(stage, Requirement.require(label)));
  }

  /** Says of each pool why a stage goes there or not. */
  ImmutableList<Explanation.Candidate> explain(PlannedStage stage) {
    return new Explainer(places).candidates(stage);
  }

  private static boolean asksByLabelAlone(Stage stage) {
    StageEnvironment environment = stage.environment();
    return stage.backend() == null
        && stage.executor() == null
        && environment.executor() == null
        && environment.processOn() == null
        && environment.resources().isEmpty();
  }

  private Answer answer(Requirement requirement) {
    Answer known = byRequirement.get(requirement);
    return known != null
        ? known
        : byRequirement.computeIfAbsent(requirement, asked -> rules.answer(Question.of(asked)));
  }

  private Answer answer(Question question) {
    Answer known = byQuestion.get(question);
    return known != null ? known : byQuestion.computeIfAbsent(question, rules::answer);
  }
}
