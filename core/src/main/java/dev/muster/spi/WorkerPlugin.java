package dev.muster.spi;

/**
 * What an application gives to a run as an instance, and the {@link WorkerProvider} knows how to use: an executor of
 * external workers, or functions of one in Java.
 *
 * @since 0.1
 */
public interface WorkerPlugin extends Plugin {}
