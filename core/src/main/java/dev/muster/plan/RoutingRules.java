package dev.muster.plan;

import static java.util.Comparator.comparingInt;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import dev.muster.error.Suggestions;
import dev.muster.execution.Pool;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import dev.muster.workflow.ProcessOn;
import dev.muster.workflow.Requirement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which stages go to pools, as {@code docs/routing.md} tells them. Each question is answered from scratch;
 * {@link Router} remembers the answers. Immutable and thread-safe.
 */
final class RoutingRules {
  /** The label that a stage without a requirement has, and the pool that stands in where none is described. */
  static final String DEFAULT = "default";

  private static final int MAX_LISTED = 20;

  /** The smallest pool first; what a pool does not say counts as {@code Quantities.lacking} counts it. */
  private static final Comparator<Pool> TIGHTEST = comparingInt(
          (Pool pool) -> pool.quantities().nodesOrDefault())
      .thenComparing(pool -> pool.quantities().tasksPerNodeOrDefault())
      .thenComparing(pool -> or(pool.quantities().gpus(), 0))
      .thenComparing(pool -> bytes(pool.quantities().memory()))
      .thenComparing(pool -> or(pool.quantities().cpus(), 1))
      .thenComparing(pool -> bytes(pool.quantities().disk()));

  private final Places places;

  RoutingRules(Places places) {
    this.places = places;
  }

  Answer answer(Question question) {
    Placement placement = places.find(question.backend(), question.executor());
    if (placement instanceof Answer.Missing missing) {
      return missing;
    }
    Placement.Place place = (Placement.Place) placement;
    List<Choice> choices = choices(question, place);
    Requirement requirement = question.requirement();
    if (choices.isEmpty() && requirement instanceof Requirement.Require require) {
      return unknownLabel(require.label(), place);
    }
    if (choices.isEmpty()) {
      return noDefault(requirement, place);
    }
    for (Choice choice : choices) {
      Answer.Found found = found(question, choice, place);
      if (found != null) {
        return found;
      }
    }
    return tooSmall(question, choices, place);
  }

  /** Some pools that would do by their label, and why. */
  private record Choice(ImmutableList<Pool> pools, String label, String reason) {}

  /** Returns the choices, the most wanted first; of a requirement there is one. */
  private static List<Choice> choices(Question question, Placement.Place place) {
    List<Choice> choices = new ArrayList<>(3);
    Requirement requirement = question.requirement();
    if (requirement instanceof Requirement.Require require) {
      add(choices, require.label(), "requires " + require.label(), place);
      return choices;
    }
    String reason = "no requirement";
    if (requirement instanceof Requirement.Prefer prefer) {
      reason = "prefers " + prefer.label();
      add(choices, prefer.label(), reason, place);
      reason += choices.isEmpty()
          ? ", which no pool provides, and falls back to "
          : ", where nothing fits, and falls back to ";
      if (prefer.fallback() != null) {
        add(choices, prefer.fallback(), reason + prefer.fallback(), place);
      }
    }
    String sentence = requirement instanceof Requirement.None ? reason + ", " : reason;
    if (question.measured()) {
      String any = requirement instanceof Requirement.None ? "" : reason + "any pool";
      choices.add(new Choice(place.pools().pools(), "", any));
    } else if (!place.pools().providing(DEFAULT).isEmpty()) {
      add(choices, DEFAULT, sentence + "the default pool", place);
    } else if (place.pools().pools().size() == 1) {
      String only = place.pools().pools().get(0).name();
      add(choices, only, sentence + "the only pool", place);
    }
    return choices;
  }

  private static void add(
      List<Choice> choices, String label, String reason, Placement.Place place) {
    ImmutableList<Pool> pools = place.pools().providing(label);
    if (!pools.isEmpty()) {
      String carried = place.pools().everyLabel() ? pools.get(0).name() : label;
      choices.add(new Choice(pools, carried, reason));
    }
  }

  private static Answer.@Nullable Found found(
      Question question, Choice choice, Placement.Place place) {
    if (!question.measured()) {
      return found(question, choice.pools(), choice.label(), choice.reason(), place);
    }
    Quantities need = question.need();
    List<Pool> fitting = new ArrayList<>();
    for (Pool pool : choice.pools()) {
      if (pool.quantities().covers(need)) {
        fitting.add(pool);
      }
    }
    if (fitting.isEmpty()) {
      return null;
    }
    List<String> reasons = new ArrayList<>(4);
    if (!choice.reason().isEmpty()) {
      reasons.add(choice.reason());
    }
    if (!need.isEmpty()) {
      reasons.add("needs " + need);
    }
    Pool chosen = chosen(wished(question.processOn(), fitting, reasons), need, reasons);
    if (fitting.size() == 1 && choice.pools().size() > 1) {
      reasons.add("the only fit");
    }
    return found(
        question, ImmutableList.of(chosen), chosen.name(), String.join("; ", reasons), place);
  }

  /** Returns the pools that have the processor that a stage would like, or all if none has it. */
  private static List<Pool> wished(
      @Nullable ProcessOn processOn, List<Pool> fitting, List<String> reasons) {
    if (processOn != ProcessOn.CPU && processOn != ProcessOn.GPU_IF_AVAILABLE) {
      return fitting;
    }
    boolean gpu = processOn == ProcessOn.GPU_IF_AVAILABLE;
    List<Pool> wished =
        fitting.stream().filter(pool -> pool.quantities().hasGpus() == gpu).toList();
    if (wished.isEmpty()) {
      reasons.add(
          gpu
              ? "would take a GPU, but no pool that fits has one"
              : "would leave GPUs to others, but every pool that fits has one");
      return fitting;
    }
    reasons.add(gpu ? "takes a GPU, as there is one" : "leaves GPUs to others");
    return wished;
  }

  private static Pool chosen(List<Pool> pools, Quantities need, List<String> reasons) {
    if (pools.size() == 1) {
      return pools.get(0);
    }
    if (need.isEmpty()) {
      // Who asks for a processor and for no amount of anything has nothing to be measured by.
      for (Pool pool : pools) {
        if (pool.provides(DEFAULT)) {
          reasons.add("the default pool");
          return pool;
        }
      }
    }
    reasons.add("the tightest fit");
    return Collections.min(pools, TIGHTEST);
  }

  private static Answer.Found found(
      Question question,
      ImmutableList<Pool> pools,
      String label,
      String reason,
      Placement.Place place) {
    Map<String, Double> annotations = new LinkedHashMap<>();
    annotations.put(Annotations.LABEL_PREFIX + label, 1.0);
    double gpus = or(question.need().gpus(), 0);
    if (gpus == 0
        && question.processOn() == ProcessOn.GPU_IF_AVAILABLE
        && pools.get(0).quantities().hasGpus()) {
      gpus = 1;
    }
    if (gpus > 0) {
      annotations.put(Annotations.GPU, gpus);
    }
    String because = reason
        + (place.pools().everyLabel() ? "; no pools are described, this machine stands in" : "");
    return new Answer.Found(new Route(
        place.backend(),
        place.strategy(),
        place.executor(),
        pools,
        label,
        Annotations.of(annotations),
        because));
  }

  // Why there is no route

  private static Answer.Missing unknownLabel(String label, Placement.Place place) {
    Collection<String> labels = place.pools().labels();
    String nearest = Suggestions.nearest(label, labels);
    return new Answer.Missing(
        ".execution.require",
        "no pool provides the label '" + label + "'" + place.where() + "; labels: "
            + listed(labels),
        nearest == null ? null : "did you mean '" + nearest + "'?");
  }

  private static Answer.Missing noDefault(Requirement requirement, Placement.Place place) {
    String asks = requirement instanceof Requirement.Prefer prefer
        ? "it prefers " + prefer.label() + ", which no pool provides"
        : "it requires nothing";
    return new Answer.Missing(
        requirement instanceof Requirement.Prefer ? ".execution.prefer" : ".execution.require",
        asks + ", and none of several pools is named 'default'" + place.where() + "; pools: "
            + listed(names(place.pools().pools())),
        "name one of them 'default', or let the stage require one");
  }

  private static Answer.Missing tooSmall(
      Question question, List<Choice> choices, Placement.Place place) {
    Quantities need = question.need();
    List<String> lacks = new ArrayList<>();
    // The last choice of a preference is every pool.
    for (Pool pool : choices.get(choices.size() - 1).pools()) {
      List<String> lacking = pool.quantities().lacking(need);
      lacks.add(pool.name() + " (" + String.join(", ", lacking) + ")");
    }
    String asked = question.requirement() instanceof Requirement.Require require
        ? "no pool that provides '" + require.label() + "' has "
        : "no pool has ";
    return new Answer.Missing(
        ".environment.resources",
        asked + need + place.where() + "; too small: " + listed(lacks),
        "ask for less or describe a larger pool");
  }

  private static String listed(Collection<String> words) {
    String some = String.join(", ", Iterables.limit(words, MAX_LISTED));
    return words.size() <= MAX_LISTED
        ? some
        : some + " and " + (words.size() - MAX_LISTED) + " more";
  }

  private static List<String> names(List<Pool> pools) {
    return pools.stream().map(Pool::name).toList();
  }

  private static int or(@Nullable Integer value, int fallback) {
    return value == null ? fallback : value;
  }

  private static long bytes(@Nullable MemorySize size) {
    return size == null ? Long.MAX_VALUE : size.bytes();
  }
}
