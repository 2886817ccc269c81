package dev.muster.examples.plugin;

import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;

/**
 * Runs tasks in this JVM on fork-join pools, so that an operation may use parallel streams within its pool's share of
 * the machine. Choose it with {@code backend: fork-join}.
 *
 * <p>A backend has two parts: this one, which is found by its name, and a session for each run. Immutable and
 * thread-safe.
 */
public final class ForkJoinBackend implements Backend {
  @Override
  public String name() {
    return "fork-join";
  }

  @Override
  public void check(BackendContext context) {
    context.openOperations(); // what is missing is told before anything starts
  }

  @Override
  public BackendSession open(BackendContext context) {
    context.openOperations();
    return new ForkJoinSession(context);
  }
}
