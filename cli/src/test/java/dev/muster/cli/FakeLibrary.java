package dev.muster.cli;

import dev.muster.LoadOptions;
import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.batch.PlannedJobs;
import dev.muster.error.Diagnostic;
import dev.muster.execution.Layer;
import dev.muster.plan.Explanation;
import dev.muster.plan.Plan;
import dev.muster.plan.Planner;
import dev.muster.probe.Finding;
import dev.muster.probe.ProbeReport;
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
  public WorkflowFile load(Path path, LoadOptions options) {
    return file.get();
  }

  @Override
  public Plan plan(WorkflowFile loaded, RunOptions given) {
    List<Layer> layers = new ArrayList<>(given.below());
    layers.addAll(loaded.profiles());
    layers.add(loaded.layer());
    layers.addAll(given.above());
    return Planner.plan(loaded.workflow(), layers, Samples.MACHINE);
  }

  @Override
  public List<Diagnostic> check(Plan plan, RunOptions given) {
    return plan.warnings().stream()
        .map(each -> new Diagnostic(Diagnostic.Severity.WARNING, each))
        .toList();
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
  public String print(Plan plan, PlanFormat format) {
    return format + " of " + plan + "\nbackend " + plan.execution().execution().backend() + "\n";
  }

  @Override
  public String print(Explanation explanation) {
    return explanation.stage().id() + " explained\n";
  }
}
