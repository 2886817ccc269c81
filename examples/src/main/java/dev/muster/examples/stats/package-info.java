/**
 * Histograms and fits. Start at {@link dev.muster.examples.stats.Histogram} and
 * {@link dev.muster.examples.stats.PeakFit}.
 */
@NullMarked
package dev.muster.examples.stats;

import org.jspecify.annotations.NullMarked;
