/**
 * Jobs of Slurm: the words of {@code sbatch}, {@code squeue}, {@code sacct} and {@code scancel}. Start at
 * {@link dev.muster.slurm.SlurmStrategy}.
 */
@NullMarked
package dev.muster.slurm;

import org.jspecify.annotations.NullMarked;
