package dev.muster.internal.local;

import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.internal.operation.ContainerTrials;
import dev.muster.plan.Plan;
import dev.muster.probe.Finding;
import dev.muster.probe.Finding.Outcome;
import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.spi.BackendSite;
import dev.muster.spi.ProbeContext;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks on threads of this JVM: one for each slot of each worker of a pool.
 *
 * <p>Thread-safe.
 */
public final class LocalBackend implements Backend {
  /** The name of this backend. */
  public static final String NAME = "local";

  private static final String CREDENTIALS = "credentials";

  private final Duration grace;

  /** Creates a backend that waits up to 10 seconds for cancelled operations when a run ends. */
  public LocalBackend() {
    this(Duration.ofSeconds(10));
  }

  /** Creates a backend that waits up to {@code grace} for cancelled operations when a run ends. */
  public LocalBackend(Duration grace) {
    this.grace = grace;
  }

  @Override
  public String name() {
    return NAME;
  }

  /**
   * Those of Python code and of containers. The options of other backends are not refused either: whatever is to run
   * there may be tried here.
   */
  @Override
  public Set<String> options() {
    return Set.of("python", "container_runtime", "container_options");
  }

  @Override
  public @Nullable String unrecorded(Plan plan) {
    return null;
  }

  @Override
  public boolean opensAtOnce() {
    return true;
  }

  @Override
  public void check(BackendContext context) {
    context.openOperations();
  }

  @Override
  public BackendSession open(BackendContext context) {
    return new LocalSite(context.runId(), grace, true).open(context);
  }

  @Override
  public BackendSite openSite(String id) {
    return new LocalSite(id, grace, false);
  }

  @Override
  public void probe(ProbeContext context) throws InterruptedException {
    for (Pool pool : context.pools()) {
      context.found(new Finding(
          pool.name(), "workers", Outcome.GOOD, "threads of this process", Duration.ZERO));
    }
    credentials(context);
    ContainerTrials.run(context, NAME);
  }

  private static void credentials(ProbeContext context) {
    try {
      for (String found : context.credentials().summary()) {
        context.found(new Finding(null, CREDENTIALS, Outcome.GOOD, found, Duration.ZERO));
      }
    } catch (MusterException e) {
      context.found(new Finding(
          null, CREDENTIALS, Outcome.BAD, String.valueOf(e.getMessage()), Duration.ZERO));
    }
  }
}
