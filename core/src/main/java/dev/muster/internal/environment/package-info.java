/** The built-in environments of workers: {@code current} and {@code shared}. */
@NullMarked
package dev.muster.internal.environment;

import org.jspecify.annotations.NullMarked;
