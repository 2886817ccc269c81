/**
 * What jobs are to core: strategies, environments and credentials of a plan. The entry type is
 * {@link dev.muster.batch.internal.site.JobInfrastructure}.
 */
@NullMarked
package dev.muster.batch.internal.site;

import org.jspecify.annotations.NullMarked;
