/**
 * Jobs of PBS and of its kin: the words of {@code qsub}, {@code qstat} and {@code qdel}. Start at
 * {@link dev.muster.pbs.PbsStrategy}, or at {@link dev.muster.pbs.PjmStrategy} for PJM.
 */
@NullMarked
package dev.muster.pbs;

import org.jspecify.annotations.NullMarked;
