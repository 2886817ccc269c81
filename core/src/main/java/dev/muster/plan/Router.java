package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.muster.error.WorkflowException;
import dev.muster.execution.EffectiveExecution;
import dev.muster.execution.Pool;
import dev.muster.resource.Quantities;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageEnvironment;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Sends stages to pools.
 *
 * <p>Compiled once from an execution. What stages ask by a label alone is answered beforehand, and any other question when it is
 * first asked; from then on a route is a look-up that does not depend on the number of stages or pools. Rules: {@code
 * docs/routing.md}; source: FAST-HEP's resource pools and stage environments. Thread-safe.
 *
 * @since 0.1
 */
public final class Router {
  private final Places places;
  private final PoolIndex pools;
  private final RoutingRules rules;
  private final ImmutableMap<String, Answer> byLabel;
  private final Answer byDefault;
  private final Map<Question, Answer> answered = new ConcurrentHashMap<>();

  private Router(Places places) {
    this.places = places;
    pools = places.pools();
    rules = new RoutingRules(places);
    ImmutableMap.Builder<String, Answer> labels = ImmutableMap.builder();
    for (String label : pools.labels()) {
      labels.put(label, rules.answer(plain(Requirement.require(label))));
    }
    byLabel = labels.buildOrThrow();
    byDefault = rules.answer(plain(Requirement.none()));
  }

  private static Question plain(Requirement requirement) {
    return new Question(requirement, Quantities.none(), null, null, null);
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

  /** Tells whether a stage may require {@code label}. */
  boolean provides(String label) {
    return !pools.providing(label).isEmpty();
  }

  Answer answer(Stage stage) {
    Answer known = byLabelAlone(stage);
    return known != null ? known : answer(Question.of(stage));
  }

  /** Returns where the tasks of a stage would go if it required {@code label} in place of what it asks. */
  Answer escalation(Stage stage, String label) {
    return answer(Question.of(stage, Requirement.require(label)));
  }

  /** Says of each pool why a stage goes there or not. */
  ImmutableList<Explanation.Candidate> explain(PlannedStage stage) {
    return new Explainer(places).candidates(stage);
  }

  private Answer answer(Question question) {
    Answer known = answered.get(question);
    return known != null ? known : answered.computeIfAbsent(question, rules::answer);
  }

  private @Nullable Answer byLabelAlone(Stage stage) {
    StageEnvironment environment = stage.environment();
    if (stage.backend() != null
        || stage.executor() != null
        || environment.executor() != null
        || environment.processOn() != null
        || !environment.resources().isEmpty()) {
      return null;
    }
    Requirement requirement = stage.requirement();
    if (requirement instanceof Requirement.Require require) {
      return byLabel.get(require.label());
    }
    return requirement instanceof Requirement.None ? byDefault : null;
  }
}
