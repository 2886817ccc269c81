package dev.muster.spi;

/**
 * A session with which a plan would be carried out.
 *
 * <p>Immutable and thread-safe.
 *
 * @param backend the backend
 * @param context what it would know of its workers; nothing is started or written through it
 * @since 0.1
 */
public record PlannedSession(Backend backend, WorkerContext context) {}
