package dev.muster.cli;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.execution.Layer;
import dev.muster.plan.Explanation;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import java.nio.file.Path;
import java.util.List;

/** The library itself. */
final class Library implements FrontDoor {
  @Override
  public WorkflowFile load(Path file) {
    return Workflows.fromYaml(file);
  }

  @Override
  public List<Layer> siteLayers() {
    return List.of();
  }

  @Override
  public Plan plan(WorkflowFile file, RunOptions options) {
    return Muster.plan(file, options);
  }

  @Override
  public Run start(Plan plan, RunOptions options) {
    return Muster.start(plan, options);
  }

  @Override
  public String print(Plan plan, PlanFormat format) {
    return plan.toString();
  }

  @Override
  public String print(Explanation explanation) {
    return explanation.toString();
  }
}
