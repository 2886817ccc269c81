/** Credentials of workers: where they are found, how they are checked, and their copies for a run. */
@NullMarked
package dev.muster.batch.internal.credential;

import org.jspecify.annotations.NullMarked;
