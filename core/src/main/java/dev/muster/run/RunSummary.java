package dev.muster.run;

import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the directory of a run says about it: a snapshot.
 *
 * <p>Immutable and thread-safe.
 *
 * @param directory the run's directory, absolute
 * @param state how the run stands
 * @param run the id that its last controller gave it, or null if it is not known
 * @param workflow the workflow's name, or null if it is not known
 * @param tasks how many tasks the plan has; 0 if it is not known
 * @param started when it began, or null if it is not known
 * @param last when the last thing happened that is on record, or null if it is not known
 * @param host the host whose process has it or had it when it was killed, or null
 * @param pid the id of that process, 0 if there is none
 * @param detail why the state is not known, or why the run failed, or null
 * @since 0.1
 */
public record RunSummary(
    Path directory,
    RunState state,
    @Nullable String run,
    @Nullable String workflow,
    int tasks,
    @Nullable Instant started,
    @Nullable Instant last,
    @Nullable String host,
    long pid,
    @Nullable String detail) {}
