package dev.muster.testkit;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.Strategy;
import dev.muster.batch.spi.StrategyContext;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A strategy whose jobs are under the control of a test: it opens a {@link FakeBatchSystem} for each run.
 *
 * <pre>{@code
 * FakeStrategy slurm = new FakeStrategy("slurm", "walltime", "queue"); // takes the place of the real one
 * RunOptions options = RunOptions.builder().plugin(slurm).build();
 * }</pre>
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class FakeStrategy implements Strategy {
  private final String name;
  private final Set<String> options;
  private @Nullable FakeBatchSystem system;
  private int opened;

  /**
   * Creates a strategy.
   *
   * @param name the name by which executions choose it
   * @param options the names of the options that it honours
   */
  public FakeStrategy(String name, String... options) {
    this.name = name;
    this.options = Set.of(options);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Set<String> options() {
    return options;
  }

  @Override
  public synchronized BatchSystem open(StrategyContext context) {
    opened++;
    system = new FakeBatchSystem();
    return system;
  }

  /**
   * Returns the batch system of the last run that has opened it.
   *
   * @throws NullPointerException if none has
   */
  public synchronized FakeBatchSystem system() {
    return Objects.requireNonNull(system, "no run has opened the strategy " + name);
  }

  /** Returns how often a run has opened it. */
  public synchronized int timesOpened() {
    return opened;
  }
}
