/**
 * Jobs of HTCondor: submit descriptions, the event log of a submission, and answers of its tools. Start at
 * {@link dev.muster.condor.CondorStrategy}.
 */
@NullMarked
package dev.muster.condor;

import org.jspecify.annotations.NullMarked;
