package dev.muster.internal.process;

import org.jspecify.annotations.Nullable;

/**
 * How a command ended, with all that it had started. Immutable and thread-safe.
 *
 * @param code its exit code, 128 plus the number of the signal that ended it
 * @param cpuSeconds the processor time that it used, with all that it started and that did not outlive it elsewhere;
 *     null if that is not known
 * @param peakBytes the largest resident memory that one of its processes had; null if that is not known for certain
 * @param stdoutBytes how much it printed
 * @param stderrBytes how much it printed to standard error
 * @param lost why nothing more is known of it: what started it has ended before; null if it ended in order
 */
public record CommandEnd(
    int code,
    @Nullable Double cpuSeconds,
    @Nullable Long peakBytes,
    long stdoutBytes,
    long stderrBytes,
    @Nullable String lost) {}
