package dev.muster.pbs;

import dev.muster.batch.spi.DialectStrategy;

/**
 * The strategy {@code pjsub}: processes are jobs of PJM, the job manager of Fujitsu's Technical Computing Suite, as on
 * Fugaku.
 *
 * <p>It needs {@code pjsub}, {@code pjstat} and {@code pjdel} on the {@code PATH}, and folders that the nodes share with
 * this host. Options of an execution or a pool: {@code walltime} ({@code -L elapse}), {@code queue}
 * ({@code -L rscgrp}), {@code resource_unit} ({@code -L rscunit}), {@code account} ({@code -g}), {@code mail}
 * ({@code --mail-list}), {@code gpu_resource} (default {@code gpu}), {@code virtual_nodes} (parts of nodes instead of
 * whole ones; default false), {@code bulk} (whether copies may be one bulk job; default true),
 * {@code job_extra_directives} (a list of {@code pjsub} options or a mapping of their names to values),
 * {@code job_script_prologue} and {@code job_script_epilogue} (shell lines). Source of the words: the user guides of
 * Fugaku and its kin. Thread-safe.
 *
 * @since 0.1
 */
public final class PjmStrategy extends DialectStrategy {
  /** Creates the strategy. */
  public PjmStrategy() {
    super(new PjmDialect());
  }
}
