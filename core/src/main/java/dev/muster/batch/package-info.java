/** Processes as jobs: what a strategy submits, watches and cancels. Start at {@link dev.muster.batch.BatchSystem}. */
@NullMarked
package dev.muster.batch;

import org.jspecify.annotations.NullMarked;
