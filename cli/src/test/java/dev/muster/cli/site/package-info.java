/** Runs of the command on real batch systems. */
@NullMarked
package dev.muster.cli.site;

import org.jspecify.annotations.NullMarked;
