package dev.muster.internal.engine;

import dev.muster.internal.operation.StageCode;
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

/** What the tasks of each stage have in common while they run in this JVM: code and inputs. Immutable and thread-safe. */
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
    for (Link link : stage.incoming()) {
      for (StageInput input : link.inputs()) {
        inputs.put(input.name(), new Source(link, input));
      }
    }
    return Collections.unmodifiableMap(inputs);
  }

  StageRuntime of(PlannedStage stage) {
    StageRuntime runtime = ofStage[stage.index()];
    if (runtime == null) {
      throw new IllegalArgumentException("stage " + stage.id() + " belongs to another backend");
    }
    return runtime;
  }

  /** Where an input comes from. */
  record Source(Link link, StageInput input) {}

  /** One stage. */
  record StageRuntime(PlannedStage stage, StageCode code, Map<String, Source> inputs) {}
}
