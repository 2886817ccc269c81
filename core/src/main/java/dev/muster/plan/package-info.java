/**
 * How it fits together: routes, tasks and annotations. Pure and deterministic; the hot path. Start at
 * {@link dev.muster.plan.Plan}.
 */
@NullMarked
package dev.muster.plan;

import org.jspecify.annotations.NullMarked;
