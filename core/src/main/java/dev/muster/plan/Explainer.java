package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.execution.Pool;
import dev.muster.workflow.ProcessOn;
import dev.muster.workflow.Requirement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Says of each pool why a stage goes there or not. Immutable and thread-safe. */
final class Explainer {
  private final Places places;

  Explainer(Places places) {
    this.places = places;
  }

  ImmutableList<Explanation.Candidate> candidates(PlannedStage stage) {
    Route route = stage.route();
    Set<Pool> considered = new LinkedHashSet<>(places.pools().pools());
    considered.addAll(route.pools());
    Question question = Question.of(stage.stage());
    ImmutableList.Builder<Explanation.Candidate> candidates = ImmutableList.builder();
    for (Pool pool : considered) {
      boolean chosen = route.pools().contains(pool);
      String reason = chosen ? route.reason() : whyNot(pool, question, route);
      candidates.add(new Explanation.Candidate(pool.name(), chosen, reason));
    }
    return candidates.build();
  }

  private String whyNot(Pool pool, Question question, Route route) {
    if (places.find(question.backend(), question.executor()) instanceof Placement.Place place
        && !place.pools().pools().contains(pool)) {
      return "the stage runs" + place.where();
    }
    List<String> reasons = new ArrayList<>(4);
    Requirement requirement = question.requirement();
    if (requirement instanceof Requirement.Require require && !pool.provides(require.label())) {
      reasons.add("does not provide " + require.label());
    }
    if (requirement instanceof Requirement.Prefer prefer && !pool.provides(prefer.label())) {
      reasons.add("does not provide " + prefer.label());
    }
    reasons.addAll(pool.quantities().lacking(question.need()));
    if (reasons.isEmpty()) {
      reasons.add(fitsBut(pool, question, route));
    }
    return String.join(", ", reasons);
  }

  private static String fitsBut(Pool pool, Question question, Route route) {
    Pool taken = route.pools().get(0);
    boolean gpus = pool.quantities().hasGpus();
    if (gpus != taken.quantities().hasGpus()) {
      if (question.processOn() == ProcessOn.GPU_IF_AVAILABLE) {
        return "fits, but has no GPU";
      }
      if (question.processOn() == ProcessOn.CPU) {
        return "fits, but its GPUs are left to others";
      }
    }
    if (!question.measured()) {
      return "not the default pool";
    }
    return question.need().isEmpty()
        ? "fits as well"
        : "fits, but less tightly than " + taken.name();
  }
}
