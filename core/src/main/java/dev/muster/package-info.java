/** The front door: load workflows with {@link dev.muster.Workflows}, plan and run them with {@code Muster}. */
@NullMarked
package dev.muster;

import org.jspecify.annotations.NullMarked;
