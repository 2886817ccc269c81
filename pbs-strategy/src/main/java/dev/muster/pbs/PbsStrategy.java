package dev.muster.pbs;

import dev.muster.batch.spi.DialectStrategy;

/**
 * The strategy {@code pbs}: processes are jobs of PBS Professional, OpenPBS or Torque, or of a Slurm by way of Torque's
 * commands.
 *
 * <p>It needs {@code qsub}, {@code qstat} and {@code qdel} on the {@code PATH}, and folders that the nodes share with
 * this host. Options of an execution or a pool: {@code walltime} ({@code -l walltime}), {@code queue} ({@code -q}),
 * {@code account} ({@code -A}), {@code constraint} (what else a node must have: it goes behind the resources of the
 * chunk), {@code gpu_resource} (default {@code ngpus}, in Torque {@code gpus}), {@code mail} ({@code -M}),
 * {@code flavour} ({@code pro}, {@code torque} or {@code slurm}; default: what {@code qstat --version} says),
 * {@code job_extra_directives} (a list of {@code qsub} options or a mapping of their names to values),
 * {@code job_script_prologue} and {@code job_script_epilogue} (shell lines). Source of the words: the manual pages of
 * OpenPBS and of Torque. Thread-safe.
 *
 * @since 0.1
 */
public final class PbsStrategy extends DialectStrategy {
  /** Creates the strategy. */
  public PbsStrategy() {
    super(new PbsDialect());
  }
}
