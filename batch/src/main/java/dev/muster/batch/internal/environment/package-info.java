/** The built-in environments of workers: {@code current} and {@code shared}. */
@NullMarked
package dev.muster.batch.internal.environment;

import org.jspecify.annotations.NullMarked;
