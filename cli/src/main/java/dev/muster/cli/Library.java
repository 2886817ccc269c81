package dev.muster.cli;

import dev.muster.CheckedPlan;
import dev.muster.LoadOptions;
import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.WorkflowDraft;
import dev.muster.Workflows;
import dev.muster.batch.Jobs;
import dev.muster.batch.PlannedJobs;
import dev.muster.internal.io.IoErrors;
import dev.muster.plan.Explanation;
import dev.muster.plan.Plan;
import dev.muster.plan.PlanFormat;
import dev.muster.probe.Finding;
import dev.muster.probe.ProbeReport;
import dev.muster.run.ResumeExplanation;
import dev.muster.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** The library itself. */
final class Library implements FrontDoor {
  @Override
  public WorkflowDraft load(Path file, LoadOptions options) {
    return Workflows.draftOnSite(file, options);
  }

  @Override
  public CheckedPlan check(WorkflowDraft draft, RunOptions options) {
    return Muster.check(draft, options);
  }

  @Override
  public List<PlannedJobs> jobs(Plan plan, RunOptions options) {
    return Jobs.planned(plan, options);
  }

  @Override
  public ProbeReport probe(
      Plan plan, RunOptions options, Duration patience, Consumer<Finding> listener)
      throws InterruptedException {
    return Muster.probe(plan, options, patience, listener);
  }

  @Override
  public Run start(Plan plan, RunOptions options) {
    return Muster.start(plan, options);
  }

  @Override
  public ResumeExplanation explainResume(Plan plan, RunOptions options) {
    return Muster.explainResume(plan, options);
  }

  @Override
  public void print(Plan plan, PlanFormat format, Output out) {
    try {
      plan.write(format, out.pieces());
    } catch (IOException e) {
      throw IoErrors.unchecked("the plan could not be written", e); // pieces do not throw it
    }
  }

  @Override
  public String print(Explanation explanation) {
    return explanation.toString();
  }
}
