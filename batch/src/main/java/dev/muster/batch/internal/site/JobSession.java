package dev.muster.batch.internal.site;

import dev.muster.batch.internal.engine.RunStrategyContext;
import dev.muster.batch.internal.engine.ToolCheck;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.batch.spi.Strategy;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.probe.Finding;
import dev.muster.spi.SessionSite;
import dev.muster.spi.SiteContext;
import dev.muster.spi.SiteContext.Purpose;
import dev.muster.spi.SiteNeed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What jobs are to one session: its strategy, opened when it is first asked for. Thread-safe. */
final class JobSession implements SessionSite, JobContext {
  private final SiteContext context;
  private final SiteNeed need;
  private final SiteParts parts;
  private final RunEnvironment environment;
  private @Nullable BatchSystem processes;

  JobSession(SiteContext context, SiteNeed need, SiteParts parts, RunEnvironment environment) {
    this.context = context;
    this.need = need;
    this.parts = parts;
    this.environment = environment;
  }

  @Override
  public Strategy strategy() {
    return parts.strategy(need.strategy());
  }

  @Override
  public PreparedEnvironment environment() {
    return environment.prepared();
  }

  @Override
  public synchronized BatchSystem processes() {
    if (context.purpose() != Purpose.START) {
      throw new IllegalStateException("a plan is being checked or described: there is no run");
    }
    BatchSystem known = processes;
    if (known == null) {
      known = strategy().open(new RunStrategyContext(context.runId(), folder(), need.config()));
      processes = known;
    }
    return known;
  }

  private Path folder() {
    Path folder = context.directory().resolve("debug").resolve("distributed");
    try {
      return OwnFiles.folder(folder);
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot make the folder " + folder, e);
    }
  }

  @Override
  public @Nullable Finding tools() throws InterruptedException {
    Strategy strategy = strategy();
    List<String> command = strategy.versionCommand();
    return command == null ? null : ToolCheck.run(strategy.name(), command, System.getenv());
  }

  @Override
  public <T> @Nullable T service(Class<T> type) {
    return type == JobContext.class ? type.cast(this) : null;
  }

  @Override
  public synchronized void close() {
    if (processes != null) {
      processes.close();
    }
  }
}
