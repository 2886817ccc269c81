package dev.muster.spi;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a stage that is the call of an external worker. Immutable and thread-safe.
 *
 * @param stage the stage, and where relative paths are taken from
 * @param type what its executor is, or null if that depends on the worker's launcher
 * @param config the executor's options, above those of the execution
 * @param configPath the path of the options, for messages
 * @param ports the outputs that other stages read by name
 * @param plugins what the application gave as instances: also such as the provider does not know
 * @since 0.1
 */
public record WorkerSetup(
    OperationSetup stage,
    @Nullable String type,
    Map<String, ? extends @Nullable Object> config,
    String configPath,
    List<String> ports,
    List<Plugin> plugins) {}
