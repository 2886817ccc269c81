package dev.muster.internal.engine;

import dev.muster.batch.PlannedJobs;
import dev.muster.error.Visible;
import dev.muster.execution.Pool;
import dev.muster.internal.discovery.Providers;
import dev.muster.plan.Plan;
import dev.muster.spi.PreparedEnvironment;
import dev.muster.spi.Strategy;
import dev.muster.spi.WorkerContext;
import dev.muster.spi.WorkerCredentials;
import dev.muster.spi.WorkerJob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says which jobs a run would submit, and submits none. Thread-safe. */
public final class WorkerPlans {
  private static final Logger log = LoggerFactory.getLogger(WorkerPlans.class);

  private WorkerPlans() {}

  /**
   * Returns the jobs that are submitted when a plan starts, in the order of the pools.
   *
   * @param directory the run's directory; it need not exist
   * @throws dev.muster.error.MusterException if an option or a quantity cannot be honoured
   */
  public static List<PlannedJobs> jobs(
      Plan plan, Providers providers, String runId, Path directory) {
    List<SessionNeed> needs = SessionNeed.of(plan);
    OptionCheck.check(plan, needs, providers);
    List<PlannedJobs> jobs = new ArrayList<>();
    RunEnvironment environment = new RunEnvironment(
        plan, providers, () -> directory, message -> log.info("{}", Visible.text(message)), true);
    RunCredentials credentials = new RunCredentials(
        runId,
        plan,
        providers,
        () -> directory,
        message -> log.info("{}", Visible.text(message)),
        true);
    int number = 0;
    for (SessionNeed need : needs) {
      Context context = new Context(
          runId,
          plan,
          need.pools(),
          need.config(),
          directory,
          environment::prepared,
          credentials::told,
          () -> providers.strategy(need.key().strategy()));
      for (WorkerJob job : providers.backend(need.key().backend()).workers(context)) {
        Strategy strategy = context.strategy();
        String pool = job.pool().name();
        jobs.add(new PlannedJobs(
            strategy.name(),
            pool,
            job.copies(),
            job.job(),
            strategy.preview(
                job.job(),
                Math.max(1, job.copies()),
                RunFiles.fileName(pool) + "." + RunFiles.fileName(runId) + "-" + ++number,
                directory.resolve("debug").resolve("distributed").resolve("jobs")),
            job.sent()));
      }
    }
    return jobs;
  }

  /** Looks a strategy up, when it is asked for. */
  private interface Lookup {
    Strategy strategy();
  }

  private record Context(
      String runId,
      Plan plan,
      List<Pool> pools,
      Map<String, @Nullable Object> config,
      Path directory,
      Supplier<PreparedEnvironment> prepared,
      Supplier<WorkerCredentials> told,
      Lookup lookup)
      implements WorkerContext {
    @Override
    public Strategy strategy() {
      return lookup.strategy();
    }

    @Override
    public PreparedEnvironment environment() {
      return prepared.get();
    }

    @Override
    public WorkerCredentials credentials() {
      return told.get();
    }
  }
}
