/** What a stage means, resolved before a run starts; {@link dev.muster.code.Template} is a text with places for values of a task. */
@NullMarked
package dev.muster.code;

import org.jspecify.annotations.NullMarked;
