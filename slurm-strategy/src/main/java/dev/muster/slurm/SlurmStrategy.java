package dev.muster.slurm;

import dev.muster.batch.spi.DialectStrategy;

/**
 * The strategy {@code slurm}: processes are jobs of Slurm, all copies of one submission an array job.
 *
 * <p>It needs Slurm's commands on the {@code PATH}, version 20.02 or newer, and folders that the nodes share with this
 * host. Options of an execution or a pool: {@code walltime} ({@code --time}), {@code queue} ({@code --partition}),
 * {@code account}, {@code qos}, {@code constraint}, {@code reservation}, {@code nodes}, {@code job_extra_directives} (a
 * list of {@code sbatch} options or a mapping of their names to values; they win over those that Muster writes),
 * {@code job_script_prologue} and {@code job_script_epilogue} (shell lines). The quantities of a pool become
 * {@code --cpus-per-task}, {@code --mem}, {@code --tmp} and {@code --gres=gpu:N}. Source of the words: the manual pages
 * of Slurm 22.05 and 24.11. Thread-safe.
 *
 * @since 0.1
 */
public final class SlurmStrategy extends DialectStrategy {
  /** Creates the strategy. */
  public SlurmStrategy() {
    super(new SlurmDialect());
  }
}
