/** Calls of external workers and what runs them. Start at {@link dev.muster.worker.Executor}. */
@NullMarked
package dev.muster.worker;

import org.jspecify.annotations.NullMarked;
