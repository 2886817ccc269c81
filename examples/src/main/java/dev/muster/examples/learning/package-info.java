/** A small neural network, trained in plain Java. Start at {@link dev.muster.examples.learning.Training}. */
@NullMarked
package dev.muster.examples.learning;

import org.jspecify.annotations.NullMarked;
