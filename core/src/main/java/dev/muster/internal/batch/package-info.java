/** The engine that runs the dialects of batch systems. */
@NullMarked
package dev.muster.internal.batch;

import org.jspecify.annotations.NullMarked;
