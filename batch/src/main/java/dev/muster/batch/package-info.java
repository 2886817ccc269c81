/** Plain jobs without a workflow, and the jobs that a plan would start. Start at {@link dev.muster.batch.Jobs}. */
@NullMarked
package dev.muster.batch;

import org.jspecify.annotations.NullMarked;
