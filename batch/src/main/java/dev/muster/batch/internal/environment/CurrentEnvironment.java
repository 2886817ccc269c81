package dev.muster.batch.internal.environment;

import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.EnvironmentOptions;
import dev.muster.batch.spi.EnvironmentProvider;
import dev.muster.batch.spi.PreparedEnvironment;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The built-in environment {@code current}, the default: what the workers have anyway. Their interpreter is the one
 * that {@code config.python} names, and they have this process's {@code PYTHONPATH}. No options. Thread-safe.
 */
public final class CurrentEnvironment implements EnvironmentProvider {
  private static final String PYTHONPATH = "PYTHONPATH";

  @Override
  public String type() {
    return "current";
  }

  @Override
  public void check(EnvironmentContext context) {
    EnvironmentOptions unused = EnvironmentOptions.of(context, Set.of());
  }

  @Override
  public PreparedEnvironment prepare(EnvironmentContext context) {
    check(context);
    String path = System.getenv(PYTHONPATH);
    return new PreparedEnvironment(
        List.of(), List.of(), null, path == null ? Map.of() : Map.of(PYTHONPATH, path));
  }
}
