package dev.muster.internal.engine;

import dev.muster.error.Visible;
import dev.muster.execution.Pool;
import dev.muster.internal.discovery.Providers;
import dev.muster.plan.Plan;
import dev.muster.spi.PlannedSession;
import dev.muster.spi.SessionSite;
import dev.muster.spi.Site;
import dev.muster.spi.SiteContext.Purpose;
import dev.muster.spi.WorkerContext;
import dev.muster.spi.WorkerCredentials;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says with which sessions a plan would be carried out, and opens none. Thread-safe. */
public final class Described {
  private static final Logger log = LoggerFactory.getLogger(Described.class);

  private Described() {}

  /**
   * Returns the sessions of a plan, in the stages' order.
   *
   * @param runId stands for the id of a run
   * @param directory the run's directory; it need not exist
   * @throws dev.muster.error.WorkflowException if an option, a strategy or a backend is not known
   */
  public static List<PlannedSession> sessions(
      Plan plan, Providers providers, String runId, Path directory) {
    Consumer<String> notices = message -> log.info("{}", Visible.text(message));
    Site site = PlanSite.of(
        Purpose.DESCRIBE,
        plan,
        providers,
        runId,
        () -> directory,
        notices,
        (about, message) -> notices.accept(message));
    List<SessionNeed> needs = SessionNeed.of(plan);
    OptionCheck.check(plan, needs, providers, site);
    List<PlannedSession> sessions = new ArrayList<>();
    for (SessionNeed need : needs) {
      sessions.add(new PlannedSession(
          providers.backend(need.key().backend()),
          new Context(
              runId,
              plan,
              need.pools(),
              need.config(),
              directory,
              site,
              site.session(need.site()))));
    }
    return List.copyOf(sessions);
  }

  private record Context(
      String runId,
      Plan plan,
      List<Pool> pools,
      Map<String, @Nullable Object> config,
      Path directory,
      Site site,
      SessionSite own)
      implements WorkerContext {
    @Override
    public <T> T service(Class<T> type) {
      T offered = own.service(type);
      return offered == null ? WorkerContext.super.service(type) : offered;
    }

    @Override
    public WorkerCredentials credentials() {
      return site.credentials();
    }
  }
}
