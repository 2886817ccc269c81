package dev.muster.internal.engine;

import dev.muster.error.Problem;
import dev.muster.internal.discovery.Providers;
import dev.muster.plan.Plan;
import dev.muster.spi.Plugin;
import dev.muster.spi.Site;
import dev.muster.spi.SiteContext;
import dev.muster.spi.SiteNeed;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What the infrastructure knows of a plan. Thread-safe, but for checks.
 *
 * @param folder the run's directory
 * @param notices hears what is said to the user
 * @param doubts hears of what may become a problem, and what it concerns
 * @param checks takes what is found while the plan is checked
 */
record PlanSite(
    Purpose purpose,
    Plan plan,
    List<SiteNeed> needs,
    List<Plugin> plugins,
    String runId,
    Supplier<Path> folder,
    Consumer<String> notices,
    BiConsumer<String, String> doubts,
    Checks checks)
    implements SiteContext {
  /** Takes what checks find. */
  interface Checks {
    /** Does a check, whose problems have the path where they have none. */
    void check(String path, Supplier<List<Problem>> check);
  }

  private static final Checks NONE = (path, check) -> {
    throw new IllegalStateException("no plan is being checked");
  };

  /** Returns what the infrastructure has for a plan whose workers are described or started. */
  static Site of(
      Purpose purpose,
      Plan plan,
      Providers providers,
      String runId,
      Supplier<Path> folder,
      Consumer<String> notices,
      BiConsumer<String, String> doubts) {
    return site(purpose, plan, providers, runId, folder, notices, doubts, NONE);
  }

  /** Returns what the infrastructure has for a plan that is checked. */
  static Site checked(Plan plan, Providers providers, Consumer<String> notices, Checks checks) {
    return site(
        Purpose.CHECK,
        plan,
        providers,
        CheckContext.RUN,
        () -> CheckContext.directory(plan),
        notices,
        (about, message) -> notices.accept(message),
        checks);
  }

  private static Site site(
      Purpose purpose,
      Plan plan,
      Providers providers,
      String runId,
      Supplier<Path> folder,
      Consumer<String> notices,
      BiConsumer<String, String> doubts,
      Checks checks) {
    List<SiteNeed> needs = SessionNeed.of(plan).stream().map(SessionNeed::site).toList();
    return providers
        .infrastructure()
        .site(new PlanSite(
            purpose, plan, needs, providers.plugins(), runId, folder, notices, doubts, checks));
  }

  @Override
  public Path directory() {
    return folder.get();
  }

  @Override
  public void notice(String message) {
    notices.accept(message);
  }

  @Override
  public void doubt(String about, String message) {
    doubts.accept(about, message);
  }

  @Override
  public void check(String path, Supplier<List<Problem>> check) {
    checks.check(path, check);
  }
}
