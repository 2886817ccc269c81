/**
 * Values that cross from files into Java, between stages and between processes: JSON-like trees, bytes, files and
 * arrays. {@link dev.muster.value.ValueEncoding} writes and reads them.
 */
@NullMarked
package dev.muster.value;

import org.jspecify.annotations.NullMarked;
