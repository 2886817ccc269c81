package dev.muster.batch.internal.site;

import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.EnvironmentProvider;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.spi.OptionProblems;
import dev.muster.spi.SiteContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The environment of a run's workers, got ready once, when it is first asked for. Thread-safe. */
final class RunEnvironment implements EnvironmentContext {
  private static final PreparedEnvironment NOTHING =
      new PreparedEnvironment(List.of(), List.of(), null, Map.of());

  private final SiteContext context;
  private final SiteParts parts;
  private @Nullable PreparedEnvironment prepared;

  RunEnvironment(SiteContext context, SiteParts parts) {
    this.context = context;
    this.parts = parts;
  }

  /**
   * Returns what a worker's job needs.
   *
   * @throws dev.muster.error.MusterException if it cannot be had
   */
  synchronized PreparedEnvironment prepared() {
    if (prepared == null) {
      EnvironmentProvider provider = parts.environment(environment().type());
      prepared = switch (context.purpose()) {
        case CHECK -> checked(provider);
        case DESCRIBE -> provider.preview(this);
        case START -> provider.prepare(this);
      };
    }
    return prepared;
  }

  /** Checks the options, all of them. */
  private PreparedEnvironment checked(EnvironmentProvider provider) {
    context.check(
        "execution.environment",
        () -> OptionProblems.of(
            environment().options(),
            left -> provider.check(
                new Described(this, new WorkerEnvironment(environment().type(), left)))));
    return NOTHING;
  }

  @Override
  public WorkerEnvironment environment() {
    return Objects.requireNonNullElse(
        context.plan().execution().execution().environment(), WorkerEnvironment.current());
  }

  @Override
  public Staging staging() {
    return Objects.requireNonNullElse(
        context.plan().execution().execution().staging(), EnvironmentContext.super.staging());
  }

  @Override
  public Path baseDirectory() {
    return context.plan().workflow().baseDirectory().toAbsolutePath().normalize();
  }

  @Override
  public Path directory() {
    return context.directory().resolve("environment");
  }

  @Override
  public Path cache() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path root = cache != null && cache.startsWith("/")
        ? Path.of(cache)
        : Path.of(System.getProperty("user.home"), ".cache");
    return root.resolve("muster").resolve("environments");
  }

  @Override
  public void notice(String message) {
    context.notice(message);
  }

  /** The same run with other options of its environment. */
  private record Described(EnvironmentContext run, WorkerEnvironment environment)
      implements EnvironmentContext {
    @Override
    public Staging staging() {
      return run.staging();
    }

    @Override
    public Path baseDirectory() {
      return run.baseDirectory();
    }

    @Override
    public Path directory() {
      return run.directory();
    }

    @Override
    public Path cache() {
      return run.cache();
    }

    @Override
    public void notice(String message) {
      run.notice(message);
    }
  }
}
