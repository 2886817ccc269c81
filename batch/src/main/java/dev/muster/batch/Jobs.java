package dev.muster.batch;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.batch.internal.engine.RunStrategyContext;
import dev.muster.batch.internal.site.SiteParts;
import dev.muster.batch.internal.site.WorkerPlans;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.Strategy;
import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.plan.Plan;
import dev.muster.resource.Settings;
import dev.muster.spi.Plugin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Opens strategies outside of a run, to submit plain jobs, and shows the jobs of a plan.
 *
 * <pre>{@code
 * try (BatchSystem slurm = Jobs.open("slurm", directory, Map.of("queue", "short"))) {
 *   List<JobId> jobs = slurm.submit(spec, 100);
 * }
 * }</pre>
 *
 * <p>Closing the system cancels what has not ended. Thread-safe.
 *
 * @since 0.1
 */
public final class Jobs {
  private Jobs() {}

  /**
   * Opens a strategy by its name: {@code local}, or one that is found with {@link java.util.ServiceLoader}.
   *
   * @param directory the folder for its scripts and logs; made if need be
   * @param config options of the strategy, as in {@code execution.config}; a job's own win over them
   * @throws dev.muster.error.WorkflowException if there is no strategy of that name; lists those that there are
   * @throws MusterException if it cannot work, or the folder cannot be made
   */
  public static BatchSystem open(
      String strategy, Path directory, Map<String, ? extends @Nullable Object> config) {
    return open(SiteParts.of(List.of()).strategy(strategy), directory, config);
  }

  /**
   * Returns the strategy of that name, or null if there is none.
   *
   * @param given those that win over what is installed; what is no strategy is left out
   * @throws MusterException if two found ones have the name, or one cannot be loaded
   */
  public static @Nullable Strategy strategy(String name, List<? extends Plugin> given) {
    return SiteParts.of(given.stream()
            .filter(Strategy.class::isInstance)
            .map(Plugin.class::cast)
            .toList())
        .strategyOrNull(name);
  }

  /**
   * Opens a strategy for a run.
   *
   * @param run the run's id, which shows in the names of jobs
   * @param directory the folder for its scripts and logs; made if need be
   * @param config options of the strategy, as in {@code execution.config}; a job's own win over them
   * @throws MusterException if it cannot work, or the folder cannot be made
   */
  public static BatchSystem open(
      Strategy strategy,
      String run,
      Path directory,
      Map<String, ? extends @Nullable Object> config) {
    return open(strategy, run, directory, config, System.getenv());
  }

  /**
   * Opens a strategy.
   *
   * @param directory the folder for its scripts and logs; made if need be
   * @param config options of the strategy, as in {@code execution.config}; a job's own win over them
   * @throws MusterException if it cannot work, or the folder cannot be made
   */
  public static BatchSystem open(
      Strategy strategy, Path directory, Map<String, ? extends @Nullable Object> config) {
    return open(strategy, directory, config, System.getenv());
  }

  /**
   * Opens a strategy whose commands see an environment of their own, for example another {@code PATH}.
   *
   * @param directory the folder for its scripts and logs; made if need be
   * @param config options of the strategy, as in {@code execution.config}; a job's own win over them
   * @param environment all environment variables of the commands of a batch system; the jobs of {@code local} have
   *     those of this process
   * @throws MusterException if it cannot work, or the folder cannot be made
   */
  public static BatchSystem open(
      Strategy strategy,
      Path directory,
      Map<String, ? extends @Nullable Object> config,
      Map<String, String> environment) {
    String id =
        String.format(Locale.ROOT, "jobs-%08x", ThreadLocalRandom.current().nextInt());
    return open(strategy, id, directory, config, environment);
  }

  private static BatchSystem open(
      Strategy strategy,
      String id,
      Path directory,
      Map<String, ? extends @Nullable Object> config,
      Map<String, String> environment) {
    Path folder = directory.toAbsolutePath().normalize();
    try {
      OwnFiles.root("folder for jobs", folder);
    } catch (IOException e) {
      throw new MusterException(
          "cannot make the folder for jobs " + folder + ": " + IoErrors.describe(e), e);
    }
    return strategy.open(new RunStrategyContext(id, folder, Settings.copyOf(config), environment));
  }

  /**
   * Returns the jobs with which the workers of a plan would be started, as they would be submitted, pool by pool;
   * submits nothing and writes nothing. None for a backend that starts no jobs. The run's id in them is {@code
   * preview}.
   *
   * @param options its directory is the run's; without one, the jobs are shown below {@code muster-run} in the current
   *     folder
   * @throws IllegalArgumentException if the plan was made without layers or the machine of the options
   * @throws dev.muster.error.WorkflowException if an option is known to neither backend nor strategy
   * @throws MusterException if an option or a quantity cannot be honoured
   */
  public static List<PlannedJobs> planned(Plan plan, RunOptions options) {
    return WorkerPlans.jobs(Muster.sessions(plan, options)).stream()
        .map(each -> new PlannedJobs(
            each.strategy(),
            each.job().pool().name(),
            each.workers(),
            each.job().copies(),
            each.job().job(),
            each.submission(),
            each.job().sent()))
        .toList();
  }
}
