/** What was found when a site was tried out. Start at {@link dev.muster.probe.ProbeReport}. */
@NullMarked
package dev.muster.probe;

import org.jspecify.annotations.NullMarked;
