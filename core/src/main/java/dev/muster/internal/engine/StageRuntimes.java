package dev.muster.internal.engine;

import dev.muster.internal.operation.GroupOperation;
import dev.muster.internal.operation.LocalCode;
import dev.muster.internal.operation.StageCodes;
import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the tasks of each stage have in common while they run in this JVM: code and inputs. Immutable and thread-safe.
 */
final class StageRuntimes {
  private final @Nullable StageRuntime[] ofStage;

  StageRuntimes(Plan plan, Collection<Stage> served, StageCodes codes) {
    ofStage = new StageRuntime[plan.stages().size()];
    for (Stage each : served) {
      PlannedStage stage = plan.stage(each.id());
      ofStage[stage.index()] = new StageRuntime(stage, codes.of(each), inputs(stage));
    }
  }

  private static Map<String, Source> inputs(PlannedStage stage) {
    Map<String, Source> inputs = new LinkedHashMap<>();
    for (Link link : stage.incoming()) { // links that pass over stages come last
      for (StageInput input : link.inputs()) {
        inputs.merge(input.name(), new Source(link, input, null), Source::orElse);
      }
    }
    return Collections.unmodifiableMap(inputs);
  }

  /** Tells whether a stage has an operation that takes tasks in groups. */
  boolean anyGroups() {
    for (StageRuntime runtime : ofStage) {
      if (runtime != null && runtime.code().operation() instanceof GroupOperation) {
        return true;
      }
    }
    return false;
  }

  StageRuntime of(PlannedStage stage) {
    StageRuntime runtime = ofStage[stage.index()];
    if (runtime == null) {
      throw new IllegalArgumentException("stage " + stage.id() + " belongs to another backend");
    }
    return runtime;
  }

  /**
   * Where an input comes from.
   *
   * @param instead where it comes from for datasets of which {@code link} has no task
   */
  record Source(Link link, StageInput input, @Nullable Source instead) {
    Source orElse(Source other) {
      return new Source(link, input, instead == null ? other : instead.orElse(other));
    }

    /** Returns the source that holds for a task, given by its number within its stage. */
    Source of(int task) {
      Source source = this;
      while (source.link.dependencyCount(task) == 0 && source.instead != null) {
        source = source.instead;
      }
      return source;
    }
  }

  /** One stage. */
  record StageRuntime(PlannedStage stage, LocalCode code, Map<String, Source> inputs) {}
}
