/** How workers are found, started and judged. Starts at {@link dev.muster.worker.internal.Judge}. */
@NullMarked
package dev.muster.worker.internal;

import org.jspecify.annotations.NullMarked;
