/**
 * Where to run: pools of workers, their profiles, the backend and strategy that serve them. Start at
 * {@link dev.muster.execution.Execution}.
 */
@NullMarked
package dev.muster.execution;

import org.jspecify.annotations.NullMarked;
