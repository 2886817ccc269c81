/**
 * What a strategy, a workers' environment, a kind of credentials and a backend that starts jobs implement and use.
 * Start at {@link dev.muster.batch.spi.BatchSystem}.
 */
@NullMarked
package dev.muster.batch.spi;

import org.jspecify.annotations.NullMarked;
