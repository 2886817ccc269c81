package dev.muster.cli;

import dev.muster.CheckedPlan;
import dev.muster.LoadOptions;
import dev.muster.RunOptions;
import dev.muster.WorkflowDraft;
import dev.muster.batch.PlannedJobs;
import dev.muster.plan.Explanation;
import dev.muster.plan.Plan;
import dev.muster.plan.PlanFormat;
import dev.muster.probe.Finding;
import dev.muster.probe.ProbeReport;
import dev.muster.run.ResumeExplanation;
import dev.muster.run.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** What the commands ask of the library. */
interface FrontDoor {
  /** Reads a workflow file, on top of what the site says; throws nothing for what is wrong with them. */
  WorkflowDraft load(Path file, LoadOptions options);

  /** Plans and checks, and finds everything that is wrong; starts nothing. */
  CheckedPlan check(WorkflowDraft draft, RunOptions options);

  /** Returns the jobs of a plan's workers; submits none. */
  List<PlannedJobs> jobs(Plan plan, RunOptions options);

  /** Tries out the site of a plan. */
  ProbeReport probe(Plan plan, RunOptions options, Duration patience, Consumer<Finding> listener)
      throws InterruptedException;

  /** Starts a run. */
  Run start(Plan plan, RunOptions options);

  /** Says what a run that goes on from an earlier one would do. */
  ResumeExplanation explainResume(Plan plan, RunOptions options);

  /** Writes a plan. */
  void print(Plan plan, PlanFormat format, Output out);

  /** Writes an explanation down. */
  String print(Explanation explanation);
}
