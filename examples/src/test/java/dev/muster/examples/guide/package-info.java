/** The Java of the documentation, run. */
@NullMarked
package dev.muster.examples.guide;

import org.jspecify.annotations.NullMarked;
