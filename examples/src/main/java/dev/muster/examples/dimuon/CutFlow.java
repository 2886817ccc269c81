package dev.muster.examples.dimuon;

import java.util.ArrayList;
import java.util.List;

/**
 * How many events are left after each cut.
 *
 * <p>Immutable and thread-safe.
 */
record CutFlow(List<Step> steps) {
  CutFlow {
    steps = List.copyOf(steps);
  }

  record Step(String cut, long events) {}

  static CutFlow empty() {
    return new CutFlow(List.of());
  }

  /** Returns this cut flow with another step at its end. */
  CutFlow then(String cut, long events) {
    List<Step> longer = new ArrayList<>(steps);
    longer.add(new Step(cut, events));
    return new CutFlow(longer);
  }

  /** Returns the sum, step by step; an empty one is nothing. */
  CutFlow plus(CutFlow other) {
    if (steps.isEmpty() || other.steps.isEmpty()) {
      return steps.isEmpty() ? other : this;
    }
    if (steps.size() != other.steps.size()) {
      throw new IllegalArgumentException("cut flows of different cuts cannot be added");
    }
    List<Step> sum = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      sum.add(new Step(step.cut(), step.events() + other.steps.get(i).events()));
    }
    return new CutFlow(sum);
  }
}
