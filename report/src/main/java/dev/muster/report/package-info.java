/** Shows what happened in a run on a page; see {@link dev.muster.report.Report}. */
@NullMarked
package dev.muster.report;

import org.jspecify.annotations.NullMarked;
