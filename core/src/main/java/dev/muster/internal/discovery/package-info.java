/**
 * Finds backends, strategies, operations, modifiers and environments by name. Start at
 * {@link dev.muster.internal.discovery.Providers}.
 */
@NullMarked
package dev.muster.internal.discovery;

import org.jspecify.annotations.NullMarked;
