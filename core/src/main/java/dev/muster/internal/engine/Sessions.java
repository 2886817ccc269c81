package dev.muster.internal.engine;

import dev.muster.error.MusterException;
import dev.muster.internal.discovery.Providers;
import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.spi.BackendSession;
import dev.muster.spi.Site;
import dev.muster.spi.SiteContext.Purpose;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The backends at work for one run: one session for each backend, strategy and executor that a route names. Thread-safe
 * once open.
 */
final class Sessions {
  private final Map<SessionKey, BackendSession> byKey = new LinkedHashMap<>();
  private final List<SessionContext> contexts = new ArrayList<>();
  private final BackendSession[] ofStage;
  private final Site site;
  private final @Nullable EngineSite shared;

  private Sessions(int stages, Site site, @Nullable EngineSite shared) {
    this.shared = shared;
    ofStage = new BackendSession[stages];
    this.site = site;
  }

  /**
   * Makes ready what the sessions of a plan need.
   *
   * @param checked the plan's check; the sessions get the code of the stages from there
   */
  static Sessions prepare(Plan plan, Providers providers, RunSupport support, PlanCheck checked) {
    Site site = PlanSite.of(
        Purpose.START,
        plan,
        providers,
        support.runId(),
        () -> support.files().directory(),
        support.sink()::notice,
        (about, message) -> support.sink().notice(message));
    Sessions sessions = new Sessions(plan.stages().size(), site, support.engineSite());
    for (SessionNeed need : SessionNeed.of(plan)) {
      sessions.contexts.add(
          new SessionContext(need, plan, providers, support, site, checked.take(need.key())));
    }
    return sessions;
  }

  /** Opens a session for every route of the plan. If one cannot be opened, those before it are closed again. */
  void open(Plan plan, Providers providers) {
    try {
      for (SessionContext context : contexts) {
        String backend = context.key().backend();
        BackendSession session = shared == null
            ? providers.backend(backend).open(context)
            : shared.backend(context.key(), providers).open(context);
        if (session == null) {
          throw new MusterException("backend " + backend + " opened no session");
        }
        byKey.put(context.key(), session);
      }
      for (PlannedStage stage : plan.stages()) {
        ofStage[stage.index()] = of(stage.route());
      }
    } catch (RuntimeException | Error e) {
      close().forEach(e::addSuppressed);
      throw e;
    }
  }

  /** Tells whether none of the backends blocks while it is opened. */
  boolean openAtOnce(Providers providers) {
    return contexts.stream()
        .allMatch(context -> providers.backend(context.key().backend()).opensAtOnce());
  }

  BackendSession of(PlannedStage stage) {
    return ofStage[stage.index()];
  }

  BackendSession of(Route route) {
    return Objects.requireNonNull(byKey.get(SessionKey.of(route)), "opened with the run");
  }

  /** Tells whether a link's consumers go to the session of its producers before these are done. */
  boolean pipelines(Plan plan, Link link) {
    PlannedStage producer = plan.stages().get(link.producer());
    PlannedStage consumer = plan.stages().get(link.consumer());
    BackendSession session = of(producer);
    return !link.inputs().isEmpty()
        && !consumer.tolerates(link) // only at their end is it known which outputs are missing
        && session == of(consumer)
        && session.pipelines()
        && staysThere(plan, producer)
        && staysThere(plan, consumer);
  }

  private boolean staysThere(Plan plan, PlannedStage stage) {
    return stage.stage().retry().escalate() == null || of(plan.escalationOf(stage)) == of(stage);
  }

  /** Closes all sessions and what they held; returns what went wrong. */
  List<Throwable> close() {
    List<Throwable> errors = new ArrayList<>();
    for (BackendSession session : byKey.values()) {
      closeOne(session, errors);
    }
    for (SessionContext context : contexts) {
      closeOne(context, errors);
    }
    closeOne(site, errors); // last: workers read credentials to their end
    return errors;
  }

  private static void closeOne(AutoCloseable closeable, List<Throwable> errors) {
    try {
      closeable.close();
    } catch (Exception | Error e) { // one that cannot be closed must not keep the others open
      errors.add(e);
    }
  }
}
