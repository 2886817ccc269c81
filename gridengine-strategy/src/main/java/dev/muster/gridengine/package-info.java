/**
 * Jobs of Grid Engine: the words of {@code qsub}, {@code qstat}, {@code qacct} and {@code qdel}. Start at
 * {@link dev.muster.gridengine.GridEngineStrategy}.
 */
@NullMarked
package dev.muster.gridengine;

import org.jspecify.annotations.NullMarked;
