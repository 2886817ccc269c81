package dev.muster.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one task ended. A view of it, made when it is asked for.
 *
 * <p>Immutable and thread-safe, apart from the value, which belongs to the operation that made it.
 *
 * @param task the task's number in the plan
 * @param name the task's name, for example {@code Select/ttbar.3}
 * @param status where it stands
 * @param attempts how many attempts were started
 * @param pool the pool of the last attempt, or null if it never started
 * @param worker the worker of the last attempt, or null if it never started
 * @param started when the last attempt started, or null
 * @param duration how long the last attempt took, or null
 * @param value its output, or null if it has none, or it was dropped once all that read it were done
 * @param failure what went wrong, or null
 * @param diagnostics what its operation and modifiers noted, for example {@code peak_memory_bytes}
 * @since 0.1
 */
public record TaskResult(
    int task,
    String name,
    TaskStatus status,
    int attempts,
    @Nullable String pool,
    @Nullable String worker,
    @Nullable Instant started,
    @Nullable Duration duration,
    @Nullable Object value,
    @Nullable TaskFailure failure,
    Map<String, @Nullable Object> diagnostics) {}
