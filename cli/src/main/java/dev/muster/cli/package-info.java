/**
 * The {@code muster} command, which puts the front door of the library on a command line; it starts at {@code Main}.
 */
@NullMarked
package dev.muster.cli;

import org.jspecify.annotations.NullMarked;
