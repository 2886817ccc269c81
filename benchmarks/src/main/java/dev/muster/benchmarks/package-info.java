/** JMH benchmarks; run them with {@code java -jar benchmarks/target/benchmarks.jar}. */
@NullMarked
package dev.muster.benchmarks;

import org.jspecify.annotations.NullMarked;
