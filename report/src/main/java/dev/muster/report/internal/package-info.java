/** What happened in a run, made from its journal, and the page that shows it. */
@NullMarked
package dev.muster.report.internal;

import org.jspecify.annotations.NullMarked;
