/**
 * The form of a run directory: its names, its version, and which process has it; see {@link
 * dev.muster.internal.rundir.RunClaim}.
 */
@NullMarked
package dev.muster.internal.rundir;

import org.jspecify.annotations.NullMarked;
