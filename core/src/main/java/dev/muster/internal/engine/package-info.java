/** The engine: readiness, retries, timeouts, cancellation and results of one run, for all backends. */
@NullMarked
package dev.muster.internal.engine;

import org.jspecify.annotations.NullMarked;
