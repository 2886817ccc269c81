package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a stage depends on for a dataset that one of its producers leaves out ({@code applies_to}).
 *
 * <p>An input takes the place of the producer's own input, if the producer reads exactly one output; several producers
 * in a row are passed over in the same way. Everything else that the producer waits for is waited for. An input that
 * has no such replacement is a problem, unless it is optional. A global stage gathers the tasks that exist. Not
 * thread-safe.
 */
final class Bypasses {
  /**
   * A dependency that holds for some datasets only.
   *
   * @param producer the index of the stage depended on
   * @param datasets the datasets for which it holds
   * @param skipped the indices of the stages passed over, the consumer's producer first
   * @param inputs what is read; empty for an ordering only
   */
  record Bypass(
      int producer,
      BitSet datasets,
      ImmutableList<Integer> skipped,
      ImmutableList<StageInput> inputs) {}

  private final List<Stage> stages;
  private final List<String> datasets;
  private final TaskGroup[] groups;
  private final Dependencies dependencies;
  private final Findings findings;

  Bypasses(
      List<Stage> stages,
      List<String> datasets,
      TaskGroup[] groups,
      Dependencies dependencies,
      Findings findings) {
    this.stages = stages;
    this.datasets = datasets;
    this.groups = groups;
    this.dependencies = dependencies;
    this.findings = findings;
  }

  /** Returns what a stage depends on besides its own dependencies; what cannot be resolved is added to the findings. */
  List<Bypass> of(int consumer) {
    Found found = null;
    for (Dependencies.Dependency dependency : dependencies.of(consumer)) {
      BitSet missing = missing(consumer, dependency);
      if (missing == null) {
        continue;
      }
      if (found == null) {
        found = new Found(consumer);
      }
      for (StageInput input : dependency.inputs()) {
        if (!input.optional()) {
          replace(found, dependency.producer(), input, missing);
        }
      }
      if (dependency.inputs().isEmpty()
          || dependency.inputs().stream().anyMatch(StageInput::optional)) {
        order(found, dependency.producer(), dependency.producer(), missing);
      }
    }
    return found == null ? List.of() : found.all();
  }

  /** Returns the datasets for which the consumer has tasks and the producer has none; null if there is none. */
  private @Nullable BitSet missing(int consumer, Dependencies.Dependency dependency) {
    TaskGroup to = groups[consumer];
    TaskGroup from = groups[dependency.producer()];
    boolean gathersAll = to.scope() == Scope.GLOBAL && !dependency.inputs().isEmpty();
    if (to == from || gathersAll || from.scope() == Scope.GLOBAL) {
      return null;
    }
    BitSet missing = null;
    for (int i = 0; i < to.datasetCount(); i++) {
      int dataset = to.dataset(i);
      if (!from.includes(dataset) && (to.scope() == Scope.GLOBAL || to.count(dataset) > 0)) {
        missing = missing == null ? new BitSet() : missing;
        missing.set(dataset);
      }
    }
    return missing;
  }

  private void replace(Found found, int producer, StageInput input, BitSet missing) {
    int consumer = found.consumer;
    BitSet left = (BitSet) missing.clone();
    Set<Integer> skipped = new LinkedHashSet<>();
    int at = producer;
    StageInput read = input;
    while (!left.isEmpty()) {
      if (!skipped.add(at)) {
        return; // a cycle, which is reported as such
      }
      Dependencies.Dependency next = onlyInput(at);
      if (next == null) {
        refuse(
            found, input, left, at, "reads " + inputCount(at) + ", so no single one replaces it");
        return;
      }
      StageInput own = next.inputs().get(0);
      if (isGather(next.producer(), at)) {
        refuse(found, input, left, at, "gathers many outputs of " + own.node());
        return;
      }
      if (read.port() != null && own.port() != null && !read.port().equals(own.port())) {
        String ports = "reads port '" + own.port() + "' of " + own.node() + ", not '" + read.port();
        refuse(found, input, left, at, ports + "'");
        return;
      }
      String port = own.port() != null ? own.port() : read.port();
      read = new StageInput(own.node(), port, input.name());
      for (Dependencies.Dependency other : dependencies.of(at)) {
        if (other.producer() != next.producer()) {
          BitSet rest = (BitSet) left.clone();
          rest.andNot(orderOn(found, producer, other.producer(), left));
          order(found, producer, other.producer(), rest);
        }
      }
      at = next.producer();
      BitSet here = covered(at, left);
      if (!here.isEmpty()) {
        if (isGather(producer, consumer) != isGather(at, consumer)) {
          refuse(found, input, here, at, "has one output for all that are gathered");
          return;
        }
        found.read(at, here, ImmutableList.copyOf(skipped), read);
        warnOfTwins(consumer, input, read, here);
        left.andNot(here);
      }
    }
  }

  private Dependencies.@Nullable Dependency onlyInput(int stage) {
    Dependencies.Dependency only = null;
    for (Dependencies.Dependency dependency : dependencies.of(stage)) {
      if (!dependency.inputs().isEmpty()) {
        if (only != null || dependency.inputs().size() > 1) {
          return null;
        }
        only = dependency;
      }
    }
    return only;
  }

  private String inputCount(int stage) {
    int count =
        dependencies.of(stage).stream().mapToInt(each -> each.inputs().size()).sum();
    return count == 0 ? "nothing" : count + " inputs";
  }

  private boolean isGather(int producer, int consumer) {
    return groups[producer].compareWidth(groups[consumer]) < 0;
  }

  private BitSet covered(int producer, BitSet wanted) {
    TaskGroup group = groups[producer];
    BitSet covered = (BitSet) wanted.clone();
    if (group.scope() != Scope.GLOBAL) {
      wanted.stream().filter(dataset -> !group.includes(dataset)).forEach(covered::clear);
    }
    return covered;
  }

  // The consumer waits for all that the stages which are left out would have waited for.
  private void order(Found found, int first, int skippedStage, BitSet where) {
    Deque<Integer> open = new ArrayDeque<>();
    Map<Integer, BitSet> pending = new HashMap<>();
    open.add(skippedStage);
    pending.put(skippedStage, where);
    while (!open.isEmpty()) {
      int at = open.remove();
      BitSet fresh = found.enter(at, Objects.requireNonNull(pending.remove(at)));
      if (fresh.isEmpty()) {
        continue;
      }
      for (Dependencies.Dependency dependency : dependencies.of(at)) {
        int producer = dependency.producer();
        BitSet rest = (BitSet) fresh.clone();
        rest.andNot(orderOn(found, first, producer, fresh));
        if (!rest.isEmpty()) {
          BitSet waiting = pending.get(producer);
          if (waiting == null) {
            pending.put(producer, rest);
            open.add(producer);
          } else {
            waiting.or(rest);
          }
        }
      }
    }
  }

  private BitSet orderOn(Found found, int first, int producer, BitSet wanted) {
    BitSet here = covered(producer, wanted);
    if (!here.isEmpty()) {
      found.wait(producer, first, here);
    }
    return here;
  }

  private void refuse(Found found, StageInput input, BitSet left, int at, String why) {
    Stage stage = stages.get(found.consumer);
    Stage producer = stages.get(at);
    String chain =
        producer.id().equals(input.node()) ? producer.id() : "its producer " + producer.id();
    findings.problem(
        stage,
        ".from",
        "the input '" + input.name() + "' has no value for " + names(left) + ": " + input.node()
            + " does not apply there, and " + chain + " " + why,
        "write the input as {node: " + input.node() + ", optional: true} to read null there, or"
            + " restrict " + stage.id() + " with applies_to"
            + (stage.from() == null ? "; if it reads nothing of it, write from: []" : ""));
  }

  private void warnOfTwins(int consumer, StageInput input, StageInput read, BitSet where) {
    for (Dependencies.Dependency dependency : dependencies.of(consumer)) {
      for (StageInput other : dependency.inputs()) {
        if (!other.equals(input)
            && other.node().equals(read.node())
            && Objects.equals(other.port(), read.port())
            && !covered(dependency.producer(), where).isEmpty()) {
          findings.warning(
              stages.get(consumer),
              ".from",
              "for " + names(where) + ", the inputs '" + other.name() + "' and '" + input.name()
                  + "' are the same output of " + read.node(),
              "write {node: " + input.node() + ", optional: true} to read null instead");
        }
      }
    }
  }

  private String names(BitSet where) {
    Set<String> names = new LinkedHashSet<>();
    where.stream().limit(5).forEach(dataset -> names.add(datasets.get(dataset)));
    int more = where.cardinality() - names.size();
    return (where.cardinality() == 1 ? "dataset " : "datasets ")
        + String.join(", ", names)
        + (more > 0 ? " and " + more + " more" : "");
  }

  /** What was found for one consumer. */
  private final class Found {
    private final int consumer;
    private final List<Bypass> reads = new ArrayList<>();
    private final Map<Integer, Bypass> waits = new LinkedHashMap<>();
    private final Map<Integer, BitSet> entered = new HashMap<>();

    Found(int consumer) {
      this.consumer = consumer;
    }

    void read(int producer, BitSet where, ImmutableList<Integer> skipped, StageInput input) {
      reads.add(new Bypass(producer, where, skipped, ImmutableList.of(input)));
    }

    void wait(int producer, int skipped, BitSet where) {
      waits
          .computeIfAbsent(
              producer,
              key -> new Bypass(key, new BitSet(), ImmutableList.of(skipped), ImmutableList.of()))
          .datasets()
          .or(where);
    }

    /** Returns those of the datasets for which a stage is entered for the first time. */
    BitSet enter(int stage, BitSet where) {
      BitSet known = entered.computeIfAbsent(stage, key -> new BitSet());
      BitSet fresh = (BitSet) where.clone();
      fresh.andNot(known);
      known.or(where);
      return fresh;
    }

    /** Returns the dependencies, without orderings that another dependency implies. */
    List<Bypass> all() {
      List<Bypass> all = new ArrayList<>(reads);
      for (Dependencies.Dependency direct : dependencies.of(consumer)) {
        waits.remove(direct.producer());
      }
      for (Bypass wait : waits.values()) {
        reads.stream()
            .filter(read -> read.producer() == wait.producer())
            .forEach(read -> wait.datasets().andNot(read.datasets()));
        if (!wait.datasets().isEmpty()) {
          all.add(wait);
        }
      }
      return all;
    }
  }
}
