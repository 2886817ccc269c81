/** Loads FAST-HEP's own workflows and compiled plans. Start at {@link dev.muster.fasthep.FastHep}. */
@NullMarked
package dev.muster.fasthep;

import org.jspecify.annotations.NullMarked;
