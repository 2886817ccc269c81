/** The workers' environment {@code packed-pixi}. Start at {@link dev.muster.pixi.PackedPixiEnvironment}. */
@NullMarked
package dev.muster.pixi;

import org.jspecify.annotations.NullMarked;
