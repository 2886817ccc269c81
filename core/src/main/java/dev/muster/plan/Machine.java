package dev.muster.plan;

import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;

/**
 * The size of the machine that the local backend has: what the implicit pool is made of.
 *
 * <p>Immutable and thread-safe.
 *
 * @param cpus CPU cores, 1 or more
 * @param memory main memory
 * @since 0.1
 */
public record Machine(int cpus, MemorySize memory) {
  public Machine {
    if (cpus < 1) {
      throw new IllegalArgumentException("a machine has at least 1 cpu, got " + cpus);
    }
  }

  /** Returns the machine that this JVM runs on, as far as the JVM may use it. */
  public static Machine here() {
    return new Machine(
        Runtime.getRuntime().availableProcessors(), MemorySize.ofBytes(MachineMemory.here()));
  }

  /** Returns what the machine has as a whole. */
  public Quantities quantities() {
    return Quantities.builder().cpus(cpus).memory(memory).build();
  }
}
