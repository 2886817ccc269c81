/** How much: memory sizes, quantities of hardware and walltimes, and the labels that name them. */
@NullMarked
package dev.muster.resource;

import org.jspecify.annotations.NullMarked;
