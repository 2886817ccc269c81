/**
 * What a stage means: {@link dev.muster.code.StageCode} is resolved and checked once, before a run starts, for every
 * stage and backend.
 */
@NullMarked
package dev.muster.code;

import org.jspecify.annotations.NullMarked;
