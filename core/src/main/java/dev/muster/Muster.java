package dev.muster;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.Diagnostic;
import dev.muster.error.Problem;
import dev.muster.error.Unread;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.engine.Described;
import dev.muster.internal.engine.EngineOptions;
import dev.muster.internal.engine.EngineRun;
import dev.muster.internal.engine.PlanCheck;
import dev.muster.internal.engine.Probes;
import dev.muster.internal.engine.ResumeExplainer;
import dev.muster.internal.local.LocalBackend;
import dev.muster.plan.Attempt;
import dev.muster.plan.Machine;
import dev.muster.plan.Plan;
import dev.muster.plan.Planner;
import dev.muster.probe.Finding;
import dev.muster.probe.ProbeReport;
import dev.muster.run.ResumeExplanation;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.spi.PlannedSession;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Plans and runs workflows.
 *
 * <pre>{@code
 * try (Run run = Muster.start(workflow, site)) {
 *   RunResult result = run.await().orThrow();
 * }
 * }</pre>
 *
 * <p>Nothing outside the arguments is read: site files, for example, count only where the options name them.
 * Thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class Muster {
  private Muster() {}

  /**
   * Plans with the default options.
   *
   * @throws dev.muster.error.WorkflowException if it cannot be planned; lists all problems, also those that {@link
   *     #check(Plan, RunOptions)} would find
   */
  public static Plan plan(Workflow workflow, Execution execution) {
    return plan(workflow, execution, RunOptions.defaults());
  }

  /**
   * Plans.
   *
   * @throws dev.muster.error.WorkflowException if it cannot be planned; lists all problems, also those that {@link
   *     #check(Plan, RunOptions)} would find
   */
  public static Plan plan(Workflow workflow, Execution execution, RunOptions options) {
    return plan(workflow, List.of(), Layer.of("builder", execution), options);
  }

  /**
   * Plans what a file holds, with the execution that it was written with.
   *
   * @throws dev.muster.error.WorkflowException if it cannot be planned; lists all problems, also those that {@link
   *     #check(Plan, RunOptions)} would find
   */
  public static Plan plan(WorkflowFile file, RunOptions options) {
    return plan(file.workflow(), file.profiles(), file.layer(), options);
  }

  private static Plan plan(Workflow workflow, List<Layer> profiles, Layer own, RunOptions options) {
    Attempt attempt = attempt(workflow, profiles, own, Unread.none(), options);
    if (!attempt.isWhole()) {
      Diagnostic.throwIfErrors(diagnostics(attempt, List.of(), options));
    }
    return attempt.plan();
  }

  private static Attempt attempt(
      Workflow workflow, List<Layer> profiles, Layer own, Unread unread, RunOptions options) {
    List<Layer> layers = new ArrayList<>(options.below());
    layers.addAll(profiles);
    layers.add(own);
    layers.addAll(options.above());
    Machine machine = options.machine();
    return Planner.attempt(workflow, layers, machine != null ? machine : Machine.here(), unread);
  }

  /**
   * Plans and checks a workflow file, and finds everything that is wrong with it at once: what could not be read, what
   * cannot be planned, and what {@link #check(Plan, RunOptions)} finds. What only follows from another problem is not
   * told. Nothing is thrown for what is found, and nothing is started.
   */
  public static CheckedPlan check(WorkflowDraft draft, RunOptions options) {
    WorkflowFile file = draft.rest();
    if (file == null) {
      return new CheckedPlan(null, PlanCheck.of(draft.problems()));
    }
    Attempt attempt =
        attempt(file.workflow(), file.profiles(), file.layer(), draft.unread(), options);
    boolean whole = attempt.isWhole() && draft.problems().isEmpty();
    return new CheckedPlan(
        whole ? attempt.plan() : null, diagnostics(attempt, draft.problems(), options));
  }

  private static List<Diagnostic> diagnostics(
      Attempt attempt, List<Problem> before, RunOptions options) {
    try (PlanCheck check = PlanCheck.of(attempt, before, providers(options))) {
      return check.diagnostics();
    }
  }

  /**
   * Finds everything that is wrong with a plan and can be known without starting anything: operations, modifiers and
   * their parameters, files that stages need, backends, strategies, environments, and options that nobody knows or that
   * are not what they must be. {@link #start(Plan, RunOptions)} refuses a plan with errors. Operations and modifiers
   * are made, and closed again.
   *
   * @param options those for planning must be none or those that the plan was made with
   * @return errors and warnings in the order of the files, each with its place where that is known; empty if there are
   * none. It cannot be changed
   * @throws IllegalArgumentException if the plan was made without layers or the machine of the options
   */
  public static List<Diagnostic> check(Plan plan, RunOptions options) {
    options.checkPlanned(plan);
    try (PlanCheck check = PlanCheck.of(plan, providers(options))) {
      return check.diagnostics();
    }
  }

  /** Plans and starts with the default options; see {@link #start(Plan, RunOptions)}. */
  public static Run start(Workflow workflow, Execution execution) {
    return start(workflow, execution, RunOptions.defaults());
  }

  /** Plans and starts; see {@link #start(Plan, RunOptions)}. */
  public static Run start(Workflow workflow, Execution execution, RunOptions options) {
    return start(plan(workflow, execution, options), options);
  }

  /** Plans and starts what a file holds; see {@link #start(Plan, RunOptions)}. */
  public static Run start(WorkflowFile file, RunOptions options) {
    return start(plan(file, options), options);
  }

  /**
   * Starts a plan and returns at once; close the run to leave nothing behind. Backends are opened on a thread of the
   * run: if one cannot, the run fails with a {@link dev.muster.run.RunStartException} as its {@link RunResult#error()}.
   * An interrupt of the calling thread changes nothing.
   *
   * @param options those for planning, layers and a machine, must be none or those that the plan was made with
   * @throws IllegalArgumentException if the plan was made without layers or the machine of the options
   * @throws dev.muster.error.WorkflowException if {@link #check(Plan, RunOptions)} finds errors, all of which it
   *     lists; nothing was
   * started or made
   * @throws dev.muster.error.MusterException if the run's directory cannot be used; nothing was started
   */
  public static Run start(Plan plan, RunOptions options) {
    options.checkPlanned(plan);
    return EngineRun.start(plan, providers(options), engineOptions(options));
  }

  static EngineOptions engineOptions(RunOptions options) {
    return new EngineOptions(
        options.directory(),
        options.resumes(),
        options.takeOver(),
        options.keepGoing(),
        options.keepValues(),
        options.shutdownHook(),
        options.share(),
        options.deadline(),
        options.listeners(),
        InstantSource.system(),
        options.time(),
        new SplittableRandom());
  }

  /**
   * Opens a site with the default options; see {@link #open(Execution, SiteOptions)}.
   *
   * @throws dev.muster.error.MusterException if the execution's backend serves one run only
   */
  public static Site open(Execution execution) {
    return open(execution, SiteOptions.defaults());
  }

  /**
   * Opens a site: workers that many runs share. Returns at once; workers are started for the first run that needs them,
   * and stay until the site is closed. {@link #start(Plan, RunOptions) start} does the same for one run.
   *
   * @param execution what all runs of the site are planned with
   * @throws dev.muster.error.WorkflowException if a backend of the execution is unknown
   * @throws dev.muster.error.MusterException if a backend of the execution serves one run only
   */
  public static Site open(Execution execution, SiteOptions options) {
    return Site.open(execution, options);
  }

  /**
   * Says what a run that goes on from an earlier one would do with each task, and why; starts nothing and writes
   * nothing.
   *
   * @param options with {@link RunOptions.Builder#resume}; otherwise as for {@link #start(Plan, RunOptions)}
   * @throws IllegalArgumentException if the options do not resume, or the plan was made without their layers or machine
   * @throws dev.muster.error.WorkflowException if {@link #check(Plan, RunOptions)} finds errors
   * @throws dev.muster.error.MusterException if the directory holds no records of tasks, or they cannot be read
   */
  public static ResumeExplanation explainResume(Plan plan, RunOptions options) {
    options.checkPlanned(plan);
    Path directory = options.directory();
    if (!options.resumes() || directory == null) {
      throw new IllegalArgumentException(
          "the options name no run to go on from; set RunOptions.builder().resume(directory)");
    }
    return ResumeExplainer.explain(plan, providers(options), directory, options.keepValues());
  }

  /**
   * Returns the sessions with which a plan would be carried out, one for each backend, strategy and executor, in the
   * stages' order; opens none and writes nothing. The run's id in them is {@code preview}. The jobs that they would
   * start are shown by {@code dev.muster.batch.Jobs} of module {@code muster-batch}.
   *
   * @param options its directory is the run's; without one, {@code muster-run} in the current folder
   * @throws IllegalArgumentException if the plan was made without layers or the machine of the options
   * @throws dev.muster.error.WorkflowException if an option is known to neither backend nor strategy, or a backend is
   *     unknown
   */
  public static List<PlannedSession> sessions(Plan plan, RunOptions options) {
    options.checkPlanned(plan);
    Path directory = options.directory();
    return Described.sessions(
        plan,
        providers(options),
        "preview",
        (directory == null ? Path.of("muster-run") : directory).toAbsolutePath().normalize());
  }

  /**
   * Tries out the site of a plan before anything big is submitted: the tools of its strategies, and one short job for
   * each pool to which the plan sends tasks. What is tried there is the backend's matter, see
   * {@link dev.muster.spi.Backend#probe}.
   *
   * @param options its directory receives logs and must be one that workers see; without one, {@code muster-probe} in
   *     the current folder
   * @param patience how long a job may take to start
   * @param listener hears of each finding as soon as it is made
   * @throws IllegalArgumentException if the plan was made without layers or the machine of the options
   * @throws dev.muster.error.WorkflowException if an option is known to neither backend nor strategy
   * @throws InterruptedException if the thread is interrupted; what was started is ended
   */
  public static ProbeReport probe(
      Plan plan, RunOptions options, Duration patience, Consumer<Finding> listener)
      throws InterruptedException {
    options.checkPlanned(plan);
    Path directory = options.directory();
    return Probes.run(
        plan,
        providers(options),
        (directory == null ? Path.of("muster-probe") : directory)
            .toAbsolutePath()
            .normalize(),
        patience,
        listener);
  }

  static Providers providers(RunOptions options) {
    return Providers.of(
        options.backends(),
        options.operations(),
        options.modifiers(),
        options.plugins(),
        List.of(new LocalBackend()));
  }

  /** Plans, runs to the end, and returns the result; see {@link #start(Plan, RunOptions)}. */
  public static RunResult run(Workflow workflow, Execution execution) {
    return run(workflow, execution, RunOptions.defaults());
  }

  /** Plans, runs to the end, and returns the result; see {@link #start(Plan, RunOptions)}. */
  public static RunResult run(Workflow workflow, Execution execution, RunOptions options) {
    try (Run run = start(workflow, execution, options)) {
      return run.await();
    }
  }
}
