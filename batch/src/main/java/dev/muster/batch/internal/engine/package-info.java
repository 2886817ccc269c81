/** The engine that runs the dialects of batch systems. */
@NullMarked
package dev.muster.batch.internal.engine;

import org.jspecify.annotations.NullMarked;
