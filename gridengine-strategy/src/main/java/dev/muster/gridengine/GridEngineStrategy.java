package dev.muster.gridengine;

import dev.muster.batch.spi.DialectStrategy;

/**
 * The strategy {@code gridengine}: processes are jobs of Grid Engine, all copies of one submission an array job.
 *
 * <p>It needs Grid Engine's commands on the {@code PATH}, and folders that the hosts share with this one. Options of an
 * execution or a pool: {@code walltime} ({@code -l h_rt}), {@code queue} ({@code -q}), {@code project} ({@code -P}),
 * {@code account} ({@code -A}), {@code reservation} ({@code -ar}), {@code mail} ({@code -M}),
 * {@code parallel_environment} ({@code -pe}, default {@code smp}), {@code memory_resource} (default {@code h_vmem},
 * asked for by slot), {@code gpu_resource} (default {@code gpu}), {@code job_extra_directives} (a list of {@code qsub}
 * options or a mapping of their names to values; they win over those that Muster writes), {@code job_script_prologue}
 * and {@code job_script_epilogue} (shell lines). Source of the words: the manual pages of Son of Grid Engine 8.1.9.
 * Thread-safe.
 *
 * @since 0.1
 */
public final class GridEngineStrategy extends DialectStrategy {
  /** Creates the strategy. */
  public GridEngineStrategy() {
    super(new GridEngineDialect());
  }
}
