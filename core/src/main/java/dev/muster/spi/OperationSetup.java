package dev.muster.spi;

import dev.muster.workflow.Stage;
import java.nio.file.Path;

/**
 * What an operation or a modifier knows when it is made.
 *
 * <p>Immutable and thread-safe.
 *
 * @param stage the stage that it will serve
 * @param baseDirectory the folder that relative paths of the workflow are taken from, absolute
 * @since 0.1
 */
public record OperationSetup(Stage stage, Path baseDirectory) {}
