/** Examples to run and to copy. Start at {@link dev.muster.examples.DimuonExample}. */
@NullMarked
package dev.muster.examples;

import org.jspecify.annotations.NullMarked;
