/**
 * Small plugins to copy from: two backends, a strategy and a modifier. Start at
 * {@link dev.muster.examples.plugin.ForkJoinBackend}.
 */
@NullMarked
package dev.muster.examples.plugin;

import org.jspecify.annotations.NullMarked;
