package dev.muster.batch.internal.site;

import dev.muster.spi.Infrastructure;
import dev.muster.spi.Site;
import dev.muster.spi.SiteContext;

/** Starts workers as jobs of strategies. Thread-safe. */
public final class JobInfrastructure implements Infrastructure {
  /** Creates it; {@link java.util.ServiceLoader} does so too. */
  public JobInfrastructure() {}

  @Override
  public Site site(SiteContext context) {
    return new JobSite(context, SiteParts.of(context.plugins()));
  }
}
