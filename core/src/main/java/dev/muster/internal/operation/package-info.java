/**
 * What stands behind the names of operations and modifiers. Start at {@link dev.muster.internal.operation.StageCodes}.
 */
@NullMarked
package dev.muster.internal.operation;

import org.jspecify.annotations.NullMarked;
