package dev.muster.cli;

import dev.muster.CheckedPlan;
import dev.muster.LoadOptions;
import dev.muster.RunOptions;
import dev.muster.WorkflowDraft;
import dev.muster.WorkflowFile;
import dev.muster.batch.PlannedJobs;
import dev.muster.error.Diagnostic;
import dev.muster.error.Problem;
import dev.muster.execution.Layer;
import dev.muster.plan.Explanation;
import dev.muster.plan.Plan;
import dev.muster.plan.PlanFormat;
import dev.muster.plan.Planner;
import dev.muster.probe.Finding;
import dev.muster.probe.ProbeReport;
import dev.muster.run.ResumeExplanation;
import dev.muster.run.Run;
import dev.muster.run.RunStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A library that knows one workflow, plans it for real, and runs nothing. */
final class FakeLibrary implements FrontDoor {
  Supplier<WorkflowFile> file = Samples::file;
  Consumer<FakeRun> script = run -> run.end(RunStatus.SUCCEEDED);

  List<PlannedJobs> jobs = List.of();
  List<Finding> findings = List.of();

  @Nullable
  RunOptions options;

  @Nullable
  FakeRun run;

  @Override
  public WorkflowDraft load(Path path, LoadOptions options) {
    return WorkflowDraft.of(file.get());
  }

  @Override
  public CheckedPlan check(WorkflowDraft draft, RunOptions given) {
    if (!draft.problems().isEmpty()) {
      return new CheckedPlan(null, diagnostics(Diagnostic.Severity.ERROR, draft.problems()));
    }
    WorkflowFile loaded = draft.file();
    List<Layer> layers = new ArrayList<>(given.below());
    layers.addAll(draft.layers());
    layers.addAll(given.above());
    Plan plan = Planner.plan(loaded.workflow(), layers, Samples.MACHINE);
    return new CheckedPlan(plan, diagnostics(Diagnostic.Severity.WARNING, plan.warnings()));
  }

  private static List<Diagnostic> diagnostics(
      Diagnostic.Severity severity, List<Problem> problems) {
    return problems.stream().map(each -> new Diagnostic(severity, each)).toList();
  }

  @Override
  public List<PlannedJobs> jobs(Plan plan, RunOptions given) {
    options = given;
    return jobs;
  }

  @Override
  public ProbeReport probe(
      Plan plan, RunOptions given, Duration patience, Consumer<Finding> listener) {
    options = given;
    findings.forEach(listener);
    return new ProbeReport(findings);
  }

  @Override
  public Run start(Plan plan, RunOptions given) {
    options = given;
    FakeRun started = new FakeRun(plan, given.listeners(), given.directory());
    run = started;
    script.accept(started);
    return started;
  }

  @Override
  public ResumeExplanation explainResume(Plan plan, RunOptions given) {
    options = given;
    return new ResumeExplanation(given.directory(), List.of());
  }

  @Override
  public void print(Plan plan, PlanFormat format, Output out) {
    out.line(PlanFormatReader.word(format) + " of " + plan + "\nbackend "
        + plan.execution().execution().backend() + "\n");
  }

  @Override
  public String print(Explanation explanation) {
    return explanation.stage().id() + " explained\n";
  }
}
