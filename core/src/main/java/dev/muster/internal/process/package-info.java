/**
 * Starts child processes and ends them with all that they started. Start at
 * {@link dev.muster.internal.process.ProcessTree}.
 */
@NullMarked
package dev.muster.internal.process;

import org.jspecify.annotations.NullMarked;
