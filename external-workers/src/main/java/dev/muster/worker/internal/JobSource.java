package dev.muster.worker.internal;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options that say what jobs of an executor ask for, unread: only its strategy knows which of them it has.
 * Immutable and thread-safe.
 *
 * @param config the options, above those of the execution
 * @param path their path, for messages
 * @param base what relative paths are taken from
 */
record JobSource(Map<String, ? extends @Nullable Object> config, String path, Path base) {}
