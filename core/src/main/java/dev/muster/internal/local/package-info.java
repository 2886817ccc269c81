/** The local backend: worker threads of this JVM, grouped in pools. */
@NullMarked
package dev.muster.internal.local;

import org.jspecify.annotations.NullMarked;
