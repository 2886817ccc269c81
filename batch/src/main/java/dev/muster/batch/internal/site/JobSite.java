package dev.muster.batch.internal.site;

import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.Strategy;
import dev.muster.batch.spi.Submission;
import dev.muster.error.Problem;
import dev.muster.execution.Pool;
import dev.muster.execution.Staging;
import dev.muster.spi.OptionProblems;
import dev.muster.spi.SessionSite;
import dev.muster.spi.Site;
import dev.muster.spi.SiteContext;
import dev.muster.spi.SiteContext.Purpose;
import dev.muster.spi.SiteNeed;
import dev.muster.spi.WorkerCredentials;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The strategies, the environment and the credentials of one plan. Thread-safe. */
final class JobSite implements Site {
  private static final Logger log = LoggerFactory.getLogger(JobSite.class);

  private final SiteContext context;
  private final SiteParts parts;
  private final RunEnvironment environment;
  private final RunCredentials credentials;

  JobSite(SiteContext context, SiteParts parts) {
    this.context = context;
    this.parts = parts;
    this.environment = new RunEnvironment(context, parts);
    this.credentials = new RunCredentials(context, parts);
  }

  @Override
  public void require(Part part, String name) {
    Object found = switch (part) {
      case STRATEGY -> parts.strategy(name);
      case ENVIRONMENT -> parts.environment(name);
      case CREDENTIAL -> parts.credential(name);
    };
    log.trace("{} {}: {}", part, name, found);
  }

  @Override
  public @Nullable Set<String> options(String strategy) {
    Strategy found = parts.strategyOrNull(strategy);
    return found == null ? null : found.options();
  }

  @Override
  public Set<String> knownOptions() {
    Set<String> known = new TreeSet<>();
    parts.strategyNames().forEach(name -> known.addAll(parts.strategy(name).options()));
    return known;
  }

  /** Lets the strategy describe a job of the pool, which refuses options that are not what they must be. */
  @Override
  public List<Problem> problems(SiteNeed need, Pool pool) {
    Strategy strategy = parts.strategy(need.strategy());
    Path base = context.plan().workflow().baseDirectory().toAbsolutePath().normalize();
    Map<String, @Nullable Object> options = new LinkedHashMap<>(need.config());
    options.putAll(pool.config());
    options.keySet().retainAll(strategy.options());
    return OptionProblems.of(options, left -> {
      JobSpec.Builder job = JobSpec.builder(pool.name(), List.of("true"), base)
          .quantities(pool.quantities())
          .staging(Objects.requireNonNullElse(
              context.plan().execution().execution().staging(), Staging.SHARED));
      left.forEach(job::config);
      Submission described = strategy.preview(job.build(), 1, "check", base);
      log.trace("pool {} would have jobs as {}", pool.name(), described.command());
    });
  }

  @Override
  public WorkerCredentials credentials() {
    return context.purpose() == Purpose.CHECK ? WorkerCredentials.none() : credentials.told();
  }

  @Override
  public SessionSite session(SiteNeed need) {
    return new JobSession(context, need, parts, environment);
  }

  @Override
  public void close() {
    credentials.close();
  }
}
