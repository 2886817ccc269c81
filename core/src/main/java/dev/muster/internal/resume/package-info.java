/**
 * What a run keeps so that another can go on from it, and what such a run reuses; see
 * {@link dev.muster.internal.resume.ResumePlan}.
 */
@NullMarked
package dev.muster.internal.resume;

import org.jspecify.annotations.NullMarked;
