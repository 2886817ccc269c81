/** The built-in strategy {@code local}: jobs are child processes of this JVM. */
@NullMarked
package dev.muster.batch.internal.local;

import org.jspecify.annotations.NullMarked;
