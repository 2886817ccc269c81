/** The threads of Muster: {@link dev.muster.internal.thread.RunThreads} makes them. */
@NullMarked
package dev.muster.internal.thread;

import org.jspecify.annotations.NullMarked;
