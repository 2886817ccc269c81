/** What went wrong, and where: the exceptions of Muster and the problems that they carry. */
@NullMarked
package dev.muster.error;

import org.jspecify.annotations.NullMarked;
