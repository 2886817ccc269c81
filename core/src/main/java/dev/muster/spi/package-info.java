/**
 * What plugins implement: backends, strategies, operations and modifiers, found with {@link java.util.ServiceLoader} by
 * name.
 */
@NullMarked
package dev.muster.spi;

import org.jspecify.annotations.NullMarked;
