package dev.muster.internal.engine;

import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.internal.discovery.Providers;
import dev.muster.plan.Plan;
import dev.muster.spi.EnvironmentContext;
import dev.muster.spi.PreparedEnvironment;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The environment of a run's workers, got ready once, when it is first asked for. Thread-safe. */
final class RunEnvironment implements EnvironmentContext {
  private final Plan plan;
  private final Providers providers;
  private final Supplier<Path> directory;
  private final Consumer<String> notices;
  private final boolean preview;
  private @Nullable PreparedEnvironment prepared;

  /**
   * @param directory the run's directory
   * @param notices hears what takes long
   * @param preview whether it is described only, and nothing written
   */
  RunEnvironment(
      Plan plan,
      Providers providers,
      Supplier<Path> directory,
      Consumer<String> notices,
      boolean preview) {
    this.plan = plan;
    this.providers = providers;
    this.directory = directory;
    this.notices = notices;
    this.preview = preview;
  }

  /**
   * Returns what a worker's job needs.
   *
   * @throws dev.muster.error.MusterException if it cannot be had
   */
  synchronized PreparedEnvironment prepared() {
    if (prepared == null) {
      var provider = providers.environment(environment().type());
      prepared = preview ? provider.preview(this) : provider.prepare(this);
    }
    return prepared;
  }

  @Override
  public WorkerEnvironment environment() {
    return Objects.requireNonNullElse(
        plan.execution().execution().environment(), WorkerEnvironment.current());
  }

  @Override
  public Staging staging() {
    return Objects.requireNonNullElse(
        plan.execution().execution().staging(), EnvironmentContext.super.staging());
  }

  @Override
  public Path baseDirectory() {
    return plan.workflow().baseDirectory().toAbsolutePath().normalize();
  }

  @Override
  public Path directory() {
    return directory.get().resolve("environment");
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
    notices.accept(message);
  }
}
