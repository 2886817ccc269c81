/** Figures as SVG and PNG, both from one description. Start at {@link dev.muster.examples.plot.Drawing}. */
@NullMarked
package dev.muster.examples.plot;

import org.jspecify.annotations.NullMarked;
