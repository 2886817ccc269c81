/** Plain values that cross from files into Java and between stages: JSON-like trees and file references. */
@NullMarked
package dev.muster.value;

import org.jspecify.annotations.NullMarked;
