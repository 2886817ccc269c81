/** Words for errors of files; see {@link dev.muster.internal.io.IoErrors}. */
@NullMarked
package dev.muster.internal.io;

import org.jspecify.annotations.NullMarked;
