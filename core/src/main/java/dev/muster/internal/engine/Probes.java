package dev.muster.internal.engine;

import dev.muster.error.MusterException;
import dev.muster.error.Visible;
import dev.muster.execution.Pool;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.ProcessGuard;
import dev.muster.plan.Plan;
import dev.muster.probe.Finding;
import dev.muster.probe.Finding.Outcome;
import dev.muster.probe.ProbeReport;
import dev.muster.spi.ProbeContext;
import dev.muster.spi.SessionSite;
import dev.muster.spi.Site;
import dev.muster.spi.Site.Part;
import dev.muster.spi.SiteContext.Purpose;
import dev.muster.spi.WorkerCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries out the sites of a plan: one short job for each pool. Not thread-safe. */
public final class Probes {
  private static final String PROBE = "probe"; // stands for the id of a run

  private static final Logger log = LoggerFactory.getLogger(Probes.class);

  private final Plan plan;
  private final Providers providers;
  private final Path directory;
  private final Duration patience;
  private final Consumer<Finding> listener;
  private final Site site;
  private final List<Finding> findings = new ArrayList<>();

  private Probes(
      Plan plan,
      Providers providers,
      Path directory,
      Duration patience,
      Consumer<Finding> listener) {
    this.plan = plan;
    this.providers = providers;
    this.directory = directory;
    this.patience = patience;
    this.listener = listener;
    this.site = PlanSite.of(
        Purpose.START,
        plan,
        providers,
        PROBE,
        () -> directory,
        message -> log.info("{}", Visible.text(message)),
        this::doubtful);
  }

  /**
   * Tries out each pool to which the plan sends tasks.
   *
   * @param directory a folder that workers see, for logs; made if need be
   * @param listener hears of each finding at once
   * @throws dev.muster.error.WorkflowException if an option is known to nobody, or a backend or strategy is unknown
   * @throws InterruptedException if the thread is interrupted; what was started is ended
   */
  public static ProbeReport run(
      Plan plan, Providers providers, Path directory, Duration patience, Consumer<Finding> listener)
      throws InterruptedException {
    Probes probes = new Probes(plan, providers, directory, patience, listener);
    List<SessionNeed> needs = SessionNeed.of(plan);
    try (ProcessGuard.Hold hold = ProcessGuard.hold();
        Site site = probes.site) {
      log.debug("probing with {}", hold);
      OptionCheck.check(plan, needs, providers, site);
      for (SessionNeed need : needs) {
        probes.probe(need);
      }
    }
    return new ProbeReport(probes.findings);
  }

  private void doubtful(String about, String notice) {
    found(new Finding(null, about, Outcome.DOUBTFUL, notice, Duration.ZERO));
  }

  private synchronized void found(Finding finding) {
    findings.add(finding);
    listener.accept(finding);
  }

  private void probe(SessionNeed need) throws InterruptedException {
    site.require(Part.STRATEGY, need.key().strategy());
    try (Context context = new Context(need, site.session(need.site()))) {
      Finding tools = context.own.tools();
      if (tools != null) {
        found(tools);
        if (tools.outcome() == Outcome.BAD) {
          return;
        }
      }
      Path folder = directory.resolve("debug").resolve("distributed");
      try {
        OwnFiles.folder(folder);
      } catch (IOException e) {
        throw new MusterException(
            "cannot make the folder for the probe " + folder + ": " + IoErrors.describe(e), e);
      }
      providers.backend(need.key().backend()).probe(context);
      if (!context.told) {
        for (Pool pool : need.pools()) {
          found(new Finding(
              pool.name(),
              "workers",
              Outcome.GOOD,
              "backend " + need.key().backend() + " starts none",
              Duration.ZERO));
        }
      }
    }
  }

  private final class Context implements ProbeContext, AutoCloseable {
    private final SessionNeed need;
    private final SessionSite own;
    private boolean told;

    Context(SessionNeed need, SessionSite own) {
      this.need = need;
      this.own = own;
    }

    @Override
    public String runId() {
      return PROBE;
    }

    @Override
    public Plan plan() {
      return plan;
    }

    @Override
    public List<Pool> pools() {
      return need.pools();
    }

    @Override
    public Map<String, @Nullable Object> config() {
      return need.config();
    }

    @Override
    public Path directory() {
      return directory;
    }

    @Override
    public <T> T service(Class<T> type) {
      T offered = own.service(type);
      return offered == null ? ProbeContext.super.service(type) : offered;
    }

    @Override
    public WorkerCredentials credentials() {
      return site.credentials();
    }

    @Override
    public Duration patience() {
      return patience;
    }

    @Override
    public void found(Finding finding) {
      told = true;
      Probes.this.found(finding);
    }

    @Override
    public void close() {
      own.close();
    }
  }
}
