/**
 * Changes workflows and site files at random, and looks at what the library makes of them;
 * {@link dev.muster.cli.fuzz.Fuzz} is the program.
 */
@NullMarked
package dev.muster.cli.fuzz;

import org.jspecify.annotations.NullMarked;
