package dev.muster.internal.discovery;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Pool;
import dev.muster.probe.Finding;
import dev.muster.spi.Infrastructure;
import dev.muster.spi.SessionSite;
import dev.muster.spi.Site;
import dev.muster.spi.SiteContext;
import dev.muster.spi.SiteNeed;
import dev.muster.spi.WorkerCredentials;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What there is where no {@link Infrastructure} is installed: strategy {@code local} and environment {@code current},
 * which are the defaults and start nothing for tasks in this JVM. Every other name is an error that names the missing
 * artifact. Thread-safe.
 */
final class NoInfrastructure implements Infrastructure, Site, SessionSite {
  private static final String STRATEGY = "local";
  private static final String ENVIRONMENT = "current";
  private static final Set<String> OPTIONS =
      Set.of("walltime"); // of the strategy local, as where it is installed

  @Override
  public Site site(SiteContext context) {
    if (!context.plugins().isEmpty()) {
      throw new IllegalArgumentException("nothing that is installed takes the plugin "
          + Services.describe(context.plugins().get(0))
          + "; strategies, environments and credentials need the artifact dev.muster:muster-batch");
    }
    return this;
  }

  @Override
  public void require(Part part, String name) {
    boolean known = (part == Part.STRATEGY && name.equals(STRATEGY))
        || (part == Part.ENVIRONMENT && name.equals(ENVIRONMENT));
    if (!known) {
      String kind = part.name().toLowerCase(Locale.ROOT);
      throw new WorkflowException(List.of(new Problem(
          null,
          "execution." + (part == Part.CREDENTIAL ? "credentials" : kind),
          "there is no " + kind + " named '" + name + "'",
          Artifacts.missing(kind, name))));
    }
  }

  @Override
  public @Nullable Set<String> options(String strategy) {
    return strategy.equals(STRATEGY) ? OPTIONS : null;
  }

  @Override
  public Set<String> knownOptions() {
    return OPTIONS;
  }

  @Override
  public List<Problem> problems(SiteNeed need, Pool pool) {
    return List.of();
  }

  @Override
  public WorkerCredentials credentials() {
    return WorkerCredentials.none();
  }

  @Override
  public SessionSite session(SiteNeed need) {
    return this;
  }

  @Override
  public @Nullable Finding tools() {
    return null;
  }

  @Override
  public <T> @Nullable T service(Class<T> type) {
    return null;
  }

  @Override
  public void close() {}
}
