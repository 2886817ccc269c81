/** Tests of how workers are found. */
@org.jspecify.annotations.NullMarked
package dev.muster.worker.internal;
