/**
 * What to do: workflows of stages, their needs and requirements, and the data that they work on. Start at
 * {@link dev.muster.workflow.Workflow}.
 */
@NullMarked
package dev.muster.workflow;

import org.jspecify.annotations.NullMarked;
