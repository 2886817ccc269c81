/**
 * What happens: a run of a plan, its events, its results and the ways in which tasks fail. Start at
 * {@link dev.muster.run.Run}.
 */
@NullMarked
package dev.muster.run;

import org.jspecify.annotations.NullMarked;
