package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.error.Problem;
import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import dev.muster.execution.EffectiveExecution;
import dev.muster.execution.Execution;
import dev.muster.execution.NamedExecutor;
import dev.muster.execution.Pool;
import dev.muster.resource.Quantities;
import dev.muster.workflow.ProcessOn;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageEnvironment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Sends stages to pools.
 *
 * <p>Compiled once from an execution. A question that was asked before, and every requirement of a single label, is a look-up
 * that does not depend on the number of stages or pools and allocates nothing. Rules: {@code docs/routing.md}; source: FAST-HEP's
 * resource pools and stage environments. Thread-safe.
 *
 * @since 0.1
 */
public final class Router {
  /** The pool that stands in where an execution describes none, or where a stage runs in this JVM beside a remote backend. */
  static final String IMPLICIT = "default";

  private static final Comparator<Pool> TIGHTEST = Comparator.comparing(
          (Pool pool) -> or(pool.quantities().gpus(), 0))
      .thenComparing(pool -> bytes(pool.quantities().memory()))
      .thenComparing(pool -> or(pool.quantities().cpus(), 1))
      .thenComparing(pool -> bytes(pool.quantities().disk()));

  private final Execution execution;
  private final ImmutableList<Pool> pools;
  private final ImmutableList<Pool> machinePool;
  private final boolean implicit;
  private final Map<String, Found> byLabel = new LinkedHashMap<>();
  private final @Nullable Found byDefault;
  private final Map<Question, Found> answered = new ConcurrentHashMap<>();

  private Router(EffectiveExecution effective, Machine machine) {
    execution = effective.execution();
    Pool own = Pool.builder(IMPLICIT)
        .workers(1)
        .slots(machine.cpus())
        .quantities(machine.quantities())
        .build();
    machinePool = ImmutableList.of(own);
    implicit = execution.pools().isEmpty();
    pools = implicit ? machinePool : ImmutableList.copyOf(execution.pools().values());
    for (String label : labels(pools)) {
      if (answer(plain(Requirement.require(label))) instanceof Found found) {
        byLabel.put(label, found);
      }
    }
    byDefault = answer(plain(Requirement.none())) instanceof Found found ? found : null;
  }

  /** Returns a router for an execution; without pools, the machine is one pool that stands in for every label. */
  public static Router compile(EffectiveExecution execution, Machine machine) {
    return new Router(execution, machine);
  }

  /** Returns the pools, in the author's order, the implicit one included. */
  public ImmutableList<Pool> pools() {
    return pools;
  }

  /** Returns the labels that stages may require, in the author's order. */
  public Set<String> labels() {
    return labels(pools);
  }

  /**
   * Returns where the tasks of a stage go.
   *
   * @throws WorkflowException if no pool can run them; the problem says what each pool lacks
   */
  public Route route(Stage stage) {
    Answer answer = find(stage);
    if (answer instanceof Missing missing) {
      throw new WorkflowException(List.of(missing.problem(stage)));
    }
    return ((Found) answer).route();
  }

  Answer find(Stage stage) {
    StageEnvironment environment = stage.environment();
    if (environment.resources().isEmpty()
        && environment.processOn() == null
        && environment.executor() == null
        && stage.backend() == null
        && stage.executor() == null) {
      Requirement requirement = stage.requirement();
      Found found = requirement instanceof Requirement.Require require
          ? byLabel.get(require.label())
          : requirement instanceof Requirement.None ? byDefault : null;
      if (found != null) {
        return found;
      }
    }
    Question question = new Question(
        stage.requirement(),
        environment.resources(),
        environment.processOn(),
        stage.backend(),
        stage.executor() != null ? stage.executor() : environment.executor());
    Found known = answered.get(question);
    if (known != null) {
      return known;
    }
    Answer answer = answer(question);
    if (answer instanceof Found found) {
      answered.put(question, found);
    }
    return answer;
  }

  private static Question plain(Requirement requirement) {
    return new Question(requirement, Quantities.none(), null, null, null);
  }

  /** All that a route depends on. */
  private record Question(
      Requirement requirement,
      Quantities quantities,
      @Nullable ProcessOn processOn,
      @Nullable String backend,
      @Nullable String executor) {
    boolean measured() {
      return !quantities.isEmpty() || processOn != null;
    }
  }

  /** A route, or why there is none. */
  sealed interface Answer {}

  record Found(Route route) implements Answer {}

  record Missing(String path, String message, @Nullable String suggestion) implements Answer {
    Problem problem(Stage stage) {
      return new Problem(stage.location(), "stage " + stage.id() + path, message, suggestion);
    }
  }

  /** Which backend serves a stage, and which pools it has. */
  private record Place(
      String backend,
      String strategy,
      @Nullable String executor,
      ImmutableList<Pool> pools,
      boolean anyLabel,
      String why) {}

  private Answer answer(Question question) {
    Object placed = place(question);
    if (placed instanceof Missing missing) {
      return missing;
    }
    Place place = (Place) placed;
    Requirement requirement = question.requirement();
    String label;
    List<Pool> candidates;
    String reason;
    if (requirement instanceof Requirement.Require require) {
      label = require.label();
      candidates = providing(place, label);
      if (candidates.isEmpty()) {
        return new Missing(
            ".execution.require",
            "no pool provides the label '" + label + "'" + place.why(),
            Suggestions.didYouMean(label, labels(place.pools())));
      }
      reason = "requires " + label;
    } else if (requirement instanceof Requirement.Prefer prefer) {
      label = prefer.label();
      candidates = providing(place, label);
      reason = "prefers " + label;
      String fallback = prefer.fallback();
      if (candidates.isEmpty() && fallback != null) {
        label = fallback;
        candidates = providing(place, label);
        reason = "prefers " + prefer.label() + ", which no pool provides; falls back to " + label;
      }
      if (candidates.isEmpty()) {
        Answer byDefaultPool = defaultPool(place);
        if (byDefaultPool instanceof Missing missing) {
          return missing;
        }
        Pool pool = ((Found) byDefaultPool).route().pools().get(0);
        candidates = List.of(pool);
        label = pool.name();
        reason = "prefers " + prefer.label()
            + ", which no pool provides; falls back to the default pool";
      }
    } else if (question.measured()) {
      candidates = place.pools();
      label = "";
      reason = "";
    } else {
      return defaultPool(place);
    }
    if (!question.measured()) {
      String because = implicit && place.anyLabel()
          ? reason + "; no pools are described, this machine stands in"
          : reason;
      return found(
          place,
          candidates,
          place.anyLabel() ? candidates.get(0).name() : label,
          question,
          because);
    }
    return measured(place, candidates, question, reason);
  }

  private Object place(Question question) {
    String executor = question.executor();
    String backend = question.backend() != null ? question.backend() : execution.backend();
    String strategy = execution.strategy();
    ImmutableList<Pool> available = pools;
    String why = "";
    String named = null;
    if (executor != null) {
      NamedExecutor own = execution.executors().get(executor);
      if (own != null) {
        named = executor;
        backend = own.backend() != null ? own.backend() : backend;
        strategy = own.strategy() != null ? own.strategy() : strategy;
        if (own.pool() != null) {
          Pool pool = execution.pools().get(own.pool());
          if (pool == null) {
            return new Missing(
                ".executor",
                "executor '" + executor + "' names the unknown pool '" + own.pool() + "'",
                Suggestions.didYouMean(own.pool(), execution.pools().keySet()));
          }
          available = ImmutableList.of(pool);
          why = " in executor " + executor;
        }
      } else if (executor.equals("LocalExecutor")) {
        backend = "local";
      } else if (executor.equals("DaskExecutor")) {
        backend = "dask";
      } else {
        Set<String> known = new LinkedHashSet<>(execution.executors().keySet());
        known.add("LocalExecutor");
        known.add("DaskExecutor");
        return new Missing(
            ".executor",
            "unknown executor '" + executor + "'",
            Suggestions.didYouMean(executor, known));
      }
    }
    String chosen = Objects.requireNonNull(backend);
    boolean beside = chosen.equals("local") && !chosen.equals(execution.backend()) && named == null;
    if (beside) {
      available = machinePool;
      why = " on the local backend, which has this machine only";
    }
    return new Place(
        chosen, Objects.requireNonNull(strategy), named, available, implicit && !beside, why);
  }

  private static ImmutableList<Pool> providing(Place place, String label) {
    if (place.anyLabel()) {
      return place.pools();
    }
    ImmutableList.Builder<Pool> providers = ImmutableList.builder();
    for (Pool pool : place.pools()) {
      if (pool.provides(label)) {
        providers.add(pool);
      }
    }
    return providers.build();
  }

  private static Answer defaultPool(Place place) {
    Question none = plain(Requirement.none());
    for (Pool pool : place.pools()) {
      if (pool.name().equals(IMPLICIT)) {
        return found(
            place,
            List.of(pool),
            pool.name(),
            none,
            place.anyLabel()
                ? "no pools are described, this machine stands in"
                : "no requirement, the default pool");
      }
    }
    if (place.pools().size() == 1) {
      Pool only = place.pools().get(0);
      return found(place, List.of(only), only.name(), none, "no requirement, the only pool");
    }
    return new Missing(
        ".execution.require",
        "it requires nothing, and none of several pools is named 'default': "
            + names(place.pools()),
        "name one of them 'default', or let the stage require one");
  }

  private static Answer measured(
      Place place, List<Pool> candidates, Question question, String reason) {
    ProcessOn processOn = question.processOn();
    Quantities need = question.quantities();
    if (processOn == ProcessOn.GPU && !need.hasGpus()) {
      need = need.toBuilder().gpus(1).build();
    }
    List<Pool> fitting = new ArrayList<>();
    List<String> lacks = new ArrayList<>();
    for (Pool pool : candidates) {
      List<String> lacking = pool.quantities().lacking(need);
      if (lacking.isEmpty()) {
        fitting.add(pool);
      } else {
        lacks.add(pool.name() + " (" + String.join(", ", lacking) + ")");
      }
    }
    if (fitting.isEmpty()) {
      return new Missing(
          ".environment.resources",
          "no pool has " + need + place.why() + "; too small: " + String.join(", ", lacks),
          "ask for less or describe a larger pool");
    }
    String wish = "";
    if (processOn == ProcessOn.GPU_IF_AVAILABLE || processOn == ProcessOn.CPU) {
      boolean gpu = processOn == ProcessOn.GPU_IF_AVAILABLE;
      List<Pool> wished =
          fitting.stream().filter(pool -> pool.quantities().hasGpus() == gpu).toList();
      wish = (gpu ? ", GPU if available: " : ", CPU: ")
          + (wished.isEmpty() ? "no such pool fits" : "found");
      fitting = wished.isEmpty() ? fitting : wished;
    }
    Pool tightest = fitting.get(0);
    for (Pool pool : fitting) {
      tightest = TIGHTEST.compare(pool, tightest) < 0 ? pool : tightest;
    }
    String because = (reason.isEmpty() ? "" : reason + "; ")
        + (need.isEmpty() ? "" : "needs " + need + ", ")
        + "tightest fit"
        + wish;
    return found(place, List.of(tightest), tightest.name(), question, because);
  }

  private static Found found(
      Place place, List<Pool> pools, String label, Question question, String reason) {
    Map<String, Double> annotations = new LinkedHashMap<>();
    annotations.put(Annotations.LABEL_PREFIX + label, 1.0);
    Integer gpus = question.quantities().gpus();
    if (gpus != null && gpus > 0) {
      annotations.put(Annotations.GPU, gpus.doubleValue());
    } else if (question.processOn() == ProcessOn.GPU) {
      annotations.put(Annotations.GPU, 1.0);
    }
    return new Found(new Route(
        place.backend(),
        place.strategy(),
        place.executor(),
        ImmutableList.copyOf(pools),
        label,
        Annotations.of(annotations),
        reason));
  }

  /** Returns the route of a stage with {@code label} in place of its own requirement, or null if no pool provides it. */
  @Nullable
  Route escalation(Stage stage, String label) {
    Stage escalated = stage.toBuilder().require(label).build();
    return find(escalated) instanceof Found found ? found.route() : null;
  }

  /** Says why each pool was taken for a stage or not. */
  Explanation explain(PlannedStage stage) {
    Route route = stage.route();
    ImmutableList.Builder<Explanation.Candidate> candidates = ImmutableList.builder();
    List<Pool> all = new ArrayList<>(pools);
    for (Pool pool : route.pools()) {
      if (!all.contains(pool)) {
        all.add(pool);
      }
    }
    for (Pool pool : all) {
      boolean chosen = route.pools().contains(pool);
      candidates.add(new Explanation.Candidate(
          pool.name(), chosen, chosen ? route.reason() : whyNot(stage.stage(), pool, route)));
    }
    return new Explanation(stage, candidates.build());
  }

  private static String whyNot(Stage stage, Pool pool, Route route) {
    List<String> reasons = new ArrayList<>();
    Requirement requirement = stage.requirement();
    if (requirement instanceof Requirement.Require require && !pool.provides(require.label())) {
      reasons.add("does not provide " + require.label());
    } else if (requirement instanceof Requirement.Prefer prefer && !pool.provides(prefer.label())) {
      reasons.add("does not provide " + prefer.label());
    }
    Quantities need = stage.environment().resources();
    reasons.addAll(pool.quantities().lacking(need));
    if (stage.environment().processOn() == ProcessOn.GPU && !pool.quantities().hasGpus()) {
      reasons.add("has no GPU");
    }
    if (reasons.isEmpty()) {
      reasons.add("fits, but " + route.pools().get(0).name() + " was taken: " + route.reason());
    }
    return String.join(", ", reasons);
  }

  private static Set<String> labels(List<Pool> pools) {
    Set<String> labels = new LinkedHashSet<>();
    for (Pool pool : pools) {
      labels.add(pool.name());
      if (pool.resource() != null) {
        labels.add(pool.resource());
      }
    }
    return labels;
  }

  private static String names(List<Pool> pools) {
    return String.join(", ", pools.stream().map(Pool::name).toList());
  }

  private static int or(@Nullable Integer value, int fallback) {
    return value == null ? fallback : value;
  }

  private static long bytes(dev.muster.resource.@Nullable MemorySize size) {
    return size == null ? Long.MAX_VALUE : size.bytes();
  }
}
