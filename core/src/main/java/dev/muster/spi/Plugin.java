package dev.muster.spi;

/**
 * What an application gives to a run as an instance, and another module than core knows how to use: a strategy, a
 * workers' environment or a kind of credentials of module {@code muster-batch}.
 *
 * <p>It wins over what {@link java.util.ServiceLoader} finds by the same name. It has no methods: what it can do, the
 * {@link Infrastructure} that takes it knows.
 *
 * @since 0.1
 */
public interface Plugin {}
