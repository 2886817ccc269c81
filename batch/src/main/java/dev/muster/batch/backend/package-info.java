/** The backend {@code batch}: each task is a job. Start at {@link dev.muster.batch.backend.BatchBackend}. */
@NullMarked
package dev.muster.batch.backend;

import org.jspecify.annotations.NullMarked;
