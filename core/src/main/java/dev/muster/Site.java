package dev.muster;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.execution.NamedExecutor;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.engine.EngineSite;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Workers that many runs share, at a time and one after another: started once, kept until the site is closed.
 *
 * <pre>{@code
 * try (Site site = Muster.open(execution)) {
 *   Run first = site.start(workflow);
 *   Run urgent = site.start(other, RunOptions.builder().priority(5).deadline(Duration.ofMinutes(20)).build());
 *   ...
 * }
 * }</pre>
 *
 * <p><b>Limits.</b> The workers of a pool serve all runs together: a pool of four runs four tasks at once, whatever the
 * number of runs. A pool is made for the first run that uses it.
 *
 * <p><b>Sharing.</b> A worker that becomes free goes to the run that has ready tasks and, among those of the highest
 * {@linkplain RunOptions.Builder#priority priority}, the fewest workers for its {@linkplain RunOptions.Builder#weight
 * weight}. Tasks that run are not interrupted for others. What a run does not need the others get.
 *
 * <p><b>Runs stay apart.</b> Each has its own id, directory, events, result and end; one that fails, or is cancelled or
 * closed, touches no other. An operation that ignores that it is interrupted keeps its slot of the site until it
 * returns.
 *
 * <p>Today the backend {@code local} serves sites. Others are refused by name.
 *
 * <p>The threads of a site are daemons: they do not keep a JVM alive. Thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class Site implements AutoCloseable {
  private final Execution execution;
  private final RunOptions common;
  private final List<Layer> layers;
  private final EngineSite site;

  private Site(Execution execution, RunOptions common, EngineSite site) {
    this.execution = execution;
    this.common = common;
    this.site = site;
    List<Layer> all = new ArrayList<>(common.below());
    all.add(Layer.of("builder", execution));
    all.addAll(common.above());
    layers = List.copyOf(all);
  }

  static Site open(Execution execution, SiteOptions options) {
    RunOptions common = options.common();
    EngineSite made = new EngineSite(
        "site-" + String.format(Locale.ROOT, "%08x", ThreadLocalRandom.current().nextInt()));
    try {
      Providers providers = Muster.providers(common);
      if (execution.backend() != null) {
        made.check(execution.backend(), providers);
      }
      for (NamedExecutor executor : execution.executors().values()) {
        if (executor.backend() != null) {
          made.check(executor.backend(), providers);
        }
      }
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
    return new Site(execution, common, made);
  }

  /** Returns the site's id, which the names of its threads have in place of a run's. */
  public String id() {
    return site.id();
  }

  /**
   * Plans a workflow for this site. A plan can be started many times.
   *
   * @throws dev.muster.error.WorkflowException if it cannot be planned; lists all problems
   */
  public Plan plan(Workflow workflow) {
    return Muster.plan(workflow, execution, common);
  }

  /** Plans and starts with the default options; see {@link #start(Plan, RunOptions)}. */
  public Run start(Workflow workflow) {
    return start(workflow, RunOptions.defaults());
  }

  /** Plans and starts; see {@link #start(Plan, RunOptions)}. */
  public Run start(Workflow workflow, RunOptions options) {
    RunOptions all = with(options);
    return start(Muster.plan(workflow, execution, all), all, options);
  }

  /**
   * Starts a plan and returns at once, as {@link Muster#start(Plan, RunOptions)} does; its tasks go to the workers of
   * this site. Any number of threads may start runs at a time. Close each run to leave nothing of it behind; the site
   * closes those that are under way when it is closed.
   *
   * @param plan one that {@link #plan} of this site made
   * @param options without layers, machine, backends and plugins: a site has those that it was opened with
   * @throws IllegalArgumentException if the options have one of these, or the plan was not made for this site
   * @throws IllegalStateException if the site is drained or closed
   * @throws dev.muster.error.WorkflowException if {@link Muster#check(Plan, RunOptions)} finds errors; lists all
   * @throws dev.muster.error.MusterException if the run's directory cannot be used, or a backend of the plan serves one
   *     run only; nothing was started
   */
  public Run start(Plan plan, RunOptions options) {
    return start(plan, with(options), options);
  }

  private Run start(Plan plan, RunOptions all, RunOptions own) {
    if (!plan.layers().equals(layers)
        || (common.machine() != null && !common.machine().equals(plan.machine()))) {
      throw new IllegalArgumentException(
          "the plan was made for another execution than that of the site; make it with plan(workflow) of the site");
    }
    return site.start(plan, Muster.providers(all), Muster.engineOptions(own));
  }

  /** Adds what all runs have in common. */
  private RunOptions with(RunOptions options) {
    refuse(!options.below().isEmpty() || !options.above().isEmpty(), "layers");
    refuse(options.machine() != null, "a machine");
    refuse(!options.backends().isEmpty(), "backends");
    refuse(!options.plugins().isEmpty(), "plugins");
    RunOptions.Builder all = common.toBuilder();
    options.operations().forEach(all::operations);
    options.modifiers().forEach(all::modifiers);
    return all.build();
  }

  private static void refuse(boolean given, String what) {
    if (given) {
      throw new IllegalArgumentException("the options of a run on a site cannot have " + what
          + ": all runs have those of the site; give them to Muster.open");
    }
  }

  /** Plans, runs to the end, and returns the result; see {@link #start(Plan, RunOptions)}. */
  public RunResult run(Workflow workflow, RunOptions options) {
    try (Run run = start(workflow, options)) {
      return run.await();
    }
  }

  /** Returns the runs that are not over, in the order in which they were started: a snapshot. */
  public List<Run> runs() {
    return site.runs();
  }

  /**
   * Ends the site in order: further runs are refused from now on, and those that are there go on to their end. {@link
   * #close} cancels what is left then; to let single runs end sooner, drain them: {@link Run#drain}.
   *
   * @param patience how long to wait for their end
   * @return whether all runs have ended
   * @throws IllegalStateException if an operation of one of its runs calls it
   * @throws InterruptedException if the waiting thread is interrupted; further runs are refused all the same
   */
  public boolean drain(Duration patience) throws InterruptedException {
    return site.drain(patience);
  }

  /**
   * Cancels and closes the runs that are under way, with the reason that the site was closed; ends the workers, and
   * waits until nothing of the site is left. Further runs are refused. Idempotent.
   *
   * @throws IllegalStateException if an operation of one of its runs calls it
   * @throws dev.muster.error.MusterException if something could not be ended, for example an operation that ignores
   *     that it is interrupted; all else is
   */
  @Override
  public void close() {
    site.close();
  }

  /** Returns a short text: id and how many runs are under way. */
  @Override
  public String toString() {
    return "Site[" + id() + ", runs=" + runs().size() + "]";
  }
}
