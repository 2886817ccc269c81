package dev.muster.condor;

import dev.muster.batch.spi.DialectStrategy;

/**
 * The strategy {@code htcondor}: processes are jobs of HTCondor, all copies of one submission a cluster of jobs.
 *
 * <p>It needs HTCondor's tools on the {@code PATH}, an ordinary user (HTCondor takes no jobs of root), and a folder
 * that the machines of the pool share with this host. Options of an execution or a pool: {@code walltime},
 * {@code queue} ({@code +JobFlavour}), {@code account} ({@code accounting_group}), {@code requirements} (a ClassAd
 * expression), {@code stream_output} (true or false, default false), {@code chirp} (true or false, default false: with
 * staging {@code transfer} jobs fetch themselves what their machine may have already, for which {@code condor_chirp}
 * must be there), {@code transfer_timeout} (how long fetching a file may take, default 30 minutes),
 * {@code job_extra_directives} (a list of lines of a submit description, or a mapping of names to values),
 * {@code job_script_prologue} and {@code job_script_epilogue} (shell lines). The quantities of a pool become
 * {@code request_cpus}, {@code request_memory}, {@code request_disk} and {@code request_gpus}. Source of the words: the
 * manual of HTCondor 23, and what 23.9.6 does. Thread-safe.
 *
 * @since 0.1
 */
public final class CondorStrategy extends DialectStrategy {
  /** Creates the strategy. */
  public CondorStrategy() {
    super(new CondorDialect());
  }
}
