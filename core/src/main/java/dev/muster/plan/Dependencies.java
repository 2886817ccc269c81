package dev.muster.plan;

import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which stage waits for which, from {@code needs} and {@code from}, and an order that obeys it. Not thread-safe. */
final class Dependencies {
  private static final int SHOWN = 10; // of the stages of a cycle

  /**
   * That a stage waits for another.
   *
   * @param producer the index of the other
   * @param inputs what it reads of it; empty if it only waits
   */
  record Dependency(int producer, List<StageInput> inputs) {}

  private final List<Stage> stages;
  private final Findings findings;
  private final Map<String, Integer> indexOf;
  private final List<List<Dependency>> of;
  private final BitSet wrong = new BitSet();

  private Dependencies(Workflow workflow, Findings findings) {
    this.stages = workflow.stages();
    this.findings = findings;
    indexOf = new LinkedHashMap<>(stages.size() * 2);
    for (int i = 0; i < stages.size(); i++) {
      indexOf.put(stages.get(i).id(), i);
    }
    of = new ArrayList<>(stages.size());
    for (int i = 0; i < stages.size(); i++) {
      of.add(resolve(i));
    }
  }

  /** Resolves the names in a workflow; what is wrong with them is added to {@code findings}. */
  static Dependencies resolve(Workflow workflow, Findings findings) {
    return new Dependencies(workflow, findings);
  }

  /** Returns what a stage waits for: its inputs in their order, then what it only waits for. */
  List<Dependency> of(int stage) {
    return of.get(stage);
  }

  /** Tells whether something is wrong with what a stage waits for, so that not all of it is known. */
  boolean isWrong(int stage) {
    return wrong.get(stage);
  }

  private List<Dependency> resolve(int index) {
    Stage stage = stages.get(index);
    boolean unread = findings.unread(stage, ".needs") || findings.unread(stage, ".from");
    wrong.set(index, unread);
    Collection<String> needs = needs(index);
    List<StageInput> from = stage.from();
    Map<Integer, List<StageInput>> inputsOf = new LinkedHashMap<>();
    if (from != null) {
      Set<String> names = new HashSet<>();
      for (StageInput input : from) {
        Integer producer = find(index, input.node(), ".from");
        if (producer != null) {
          inputsOf.computeIfAbsent(producer, key -> new ArrayList<>(1)).add(input);
        }
        if (!names.add(input.name())) {
          findings.problem(
              stage,
              ".from",
              "two inputs are named '" + input.name() + "'",
              "tell them apart with 'as'");
        }
      }
    }
    for (String need : needs) {
      Integer producer = find(index, need, ".needs");
      if (producer != null) {
        inputsOf.computeIfAbsent(
            producer, key -> from == null ? List.of(StageInput.of(need)) : List.of());
      }
    }
    if (unread) {
      return dependencies(inputsOf);
    }
    InputNames.check(
        stage, inputsOf.values().stream().flatMap(List::stream).toList(), from != null, findings);
    return dependencies(inputsOf);
  }

  private static List<Dependency> dependencies(Map<Integer, List<StageInput>> inputsOf) {
    List<Dependency> result = new ArrayList<>(inputsOf.size());
    inputsOf.forEach((producer, inputs) -> result.add(new Dependency(producer, inputs)));
    return result;
  }

  private Collection<String> needs(int index) {
    List<String> needs = stages.get(index).needs();
    if (needs != null) {
      return needs.size() < 2 ? needs : new LinkedHashSet<>(needs);
    }
    return index == 0 || wrong.get(index)
        ? List.of()
        : List.of(stages.get(index - 1).id());
  }

  private @Nullable Integer find(int stageIndex, String id, String path) {
    Stage stage = stages.get(stageIndex);
    Integer index = indexOf.get(id);
    if (index == null) {
      wrong.set(stageIndex);
      findings.problem(
          stage, path, "there is no stage '" + id + "'", findings.didYouMean(id, indexOf.keySet()));
    }
    return index;
  }

  /**
   * Returns the stages in an order in which they can run; of those that could be next, the author's first. Cycles are
   * added to the findings; the stages that wait for ever stand at the end, and no longer wait.
   */
  int[] order() {
    int count = stages.size();
    int[] waiting = new int[count];
    List<List<Integer>> dependents = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      dependents.add(new ArrayList<>(1));
    }
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < count; i++) {
      for (Dependency dependency : of(i)) {
        waiting[i]++;
        dependents.get(dependency.producer()).add(i);
      }
      if (waiting[i] == 0) {
        ready.add(i);
      }
    }
    int[] order = new int[count];
    int done = 0;
    while (!ready.isEmpty()) {
      int next = ready.remove();
      order[done++] = next;
      for (int dependent : dependents.get(next)) {
        if (--waiting[dependent] == 0) {
          ready.add(dependent);
        }
      }
    }
    if (done < count) {
      reportCycles(waiting);
      for (int i = 0; i < count; i++) {
        if (waiting[i] > 0) {
          wrong.set(i);
          of.set(i, List.of());
          order[done++] = i;
        }
      }
    }
    return order;
  }

  // Every stage that still waits has a dependency that still waits: following these, from any
  // such stage, ends in a cycle. A walk that meets an earlier walk's trail found nothing new.
  private void reportCycles(int[] waiting) {
    int[] walkOf = new int[waiting.length];
    for (int start = 0; start < waiting.length; start++) {
      if (waiting[start] == 0 || walkOf[start] != 0) {
        continue;
      }
      Deque<Integer> trail = new ArrayDeque<>();
      int at = start;
      while (walkOf[at] == 0) {
        walkOf[at] = start + 1;
        trail.addLast(at);
        at = firstWaiting(at, waiting);
      }
      if (walkOf[at] == start + 1) {
        while (trail.getFirst() != at) {
          trail.removeFirst();
        }
        reportCycle(List.copyOf(trail));
      }
    }
  }

  private int firstWaiting(int stage, int[] waiting) {
    for (Dependency dependency : of(stage)) {
      if (waiting[dependency.producer()] > 0) {
        return dependency.producer();
      }
    }
    throw new IllegalStateException("stage " + stages.get(stage).id() + " waits for nothing");
  }

  private void reportCycle(List<Integer> cycle) {
    Stage first = stages.get(cycle.get(0));
    StringBuilder text = new StringBuilder(
        cycle.size() == 1 ? "the stage waits for itself: " : "the stages wait for each other: ");
    String suggestion = "remove one of these needs";
    for (int i = 0; i < cycle.size(); i++) {
      int index = cycle.get(i);
      Stage stage = stages.get(index);
      if (i < SHOWN) {
        text.append(stage.id()).append(" -> ");
      }
      if (stage.needs() == null && cycle.get((i + 1) % cycle.size()) == index - 1) {
        suggestion = "stage " + stage.id() + " says no needs, so it follows "
            + stages.get(index - 1).id() + "; give it needs: [] if it need not";
      }
    }
    if (cycle.size() > SHOWN) {
      text.append(String.format(Locale.ROOT, "... and %,d more -> ", cycle.size() - SHOWN));
    }
    findings.problem(first, ".needs", text.append(first.id()).toString(), suggestion);
  }
}
