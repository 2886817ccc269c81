package dev.muster.resource;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Amounts of hardware: what one worker of a pool has, or what a stage needs. An absent amount is "not said".
 *
 * <p>A task that computes with MPI has processes of its own, {@code tasksPerNode} on each of {@code nodes} machines.
 * Then cpus are those of one of these processes, and the other amounts those of one machine. Not said, both are 1.
 *
 * <p>Immutable and thread-safe.
 *
 * @param cpus CPU cores, 1 or more, or null
 * @param memory main memory, or null
 * @param disk scratch space, or null
 * @param gpus GPUs, 0 or more, or null
 * @param nodes machines, 1 or more, or null
 * @param tasksPerNode processes that MPI starts on each of them, 1 or more, or null
 * @since 0.1
 */
@CheckReturnValue
public record Quantities(
    @Nullable Integer cpus,
    @Nullable MemorySize memory,
    @Nullable MemorySize disk,
    @Nullable Integer gpus,
    @Nullable Integer nodes,
    @Nullable Integer tasksPerNode) {
  private static final Quantities NONE = new Quantities(null, null, null, null, null, null);

  public Quantities {
    if (cpus != null && cpus < 1) {
      throw new IllegalArgumentException("cpus must be 1 or more, got " + cpus);
    }
    if (gpus != null && gpus < 0) {
      throw new IllegalArgumentException("gpus must be 0 or more, got " + gpus);
    }
    if (nodes != null && nodes < 1) {
      throw new IllegalArgumentException("nodes must be 1 or more, got " + nodes);
    }
    if (tasksPerNode != null && tasksPerNode < 1) {
      throw new IllegalArgumentException("tasks_per_node must be 1 or more, got " + tasksPerNode);
    }
  }

  /** Returns quantities that say nothing. */
  public static Quantities none() {
    return NONE;
  }

  /** Returns a builder that says nothing yet. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these quantities. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.cpus = cpus;
    builder.memory = memory;
    builder.disk = disk;
    builder.gpus = gpus;
    builder.nodes = nodes;
    builder.tasksPerNode = tasksPerNode;
    return builder;
  }

  /** Tells whether nothing is said. */
  public boolean isEmpty() {
    return cpus == null
        && memory == null
        && disk == null
        && gpus == null
        && nodes == null
        && tasksPerNode == null;
  }

  /** Tells whether at least one GPU is said. */
  public boolean hasGpus() {
    return gpus != null && gpus > 0;
  }

  /** Returns the machines: 1 where nothing is said of them. */
  public int nodesOrDefault() {
    return nodes == null ? 1 : nodes;
  }

  /** Returns the processes on each machine: 1 where nothing is said of them. */
  public int tasksPerNodeOrDefault() {
    return tasksPerNode == null ? 1 : tasksPerNode;
  }

  /** Tells whether there is more than one machine, or more than one process. */
  public boolean parallel() {
    return nodesOrDefault() > 1 || tasksPerNodeOrDefault() > 1;
  }

  /** Returns the processes that MPI starts in all. */
  public int ranks() {
    return Math.multiplyExact(nodesOrDefault(), tasksPerNodeOrDefault());
  }

  /** Returns the CPU cores of one machine, those of all its processes, or null if nothing is said of either. */
  public @Nullable Integer cpusPerNode() {
    return cpus == null && tasksPerNode == null
        ? null
        : Integer.valueOf(Math.multiplyExact(haveCpus(), tasksPerNodeOrDefault()));
  }

  /** Returns these quantities where they say something, and {@code lower} where they do not. */
  public Quantities over(Quantities lower) {
    return new Quantities(
        cpus != null ? cpus : lower.cpus,
        memory != null ? memory : lower.memory,
        disk != null ? disk : lower.disk,
        gpus != null ? gpus : lower.gpus,
        nodes != null ? nodes : lower.nodes,
        tasksPerNode != null ? tasksPerNode : lower.tasksPerNode);
  }

  /**
   * Tells whether a worker with these quantities covers {@code need}: whether it lacks nothing, as {@link #lacking} has
   * it.
   */
  public boolean covers(Quantities need) {
    return (need.cpus == null || haveCpus() >= need.cpus)
        && (need.memory == null || memory == null || memory.compareTo(need.memory) >= 0)
        && (need.disk == null || disk == null || disk.compareTo(need.disk) >= 0)
        && (need.gpus == null || haveGpus() >= need.gpus)
        && nodesOrDefault() >= need.nodesOrDefault()
        && tasksPerNodeOrDefault() >= need.tasksPerNodeOrDefault();
  }

  private int haveCpus() {
    return cpus == null ? 1 : cpus;
  }

  private int haveGpus() {
    return gpus == null ? 0 : gpus;
  }

  /**
   * Names what these quantities (of a worker) lack of {@code need}; empty if they cover it. An amount that this side
   * does not say is one CPU, one node, one process on it, no GPU, and unbounded memory and disk.
   *
   * @return for example {@code ["memory 4GB < 8GB"]}
   */
  public List<String> lacking(Quantities need) {
    List<String> lacks = new ArrayList<>(0);
    if (need.cpus != null && haveCpus() < need.cpus) {
      lacks.add("cpus " + haveCpus() + " < " + need.cpus);
    }
    if (need.memory != null && memory != null && memory.compareTo(need.memory) < 0) {
      lacks.add("memory " + memory + " < " + need.memory);
    }
    if (need.disk != null && disk != null && disk.compareTo(need.disk) < 0) {
      lacks.add("disk " + disk + " < " + need.disk);
    }
    if (need.gpus != null && haveGpus() < need.gpus) {
      lacks.add("gpus " + haveGpus() + " < " + need.gpus);
    }
    if (nodesOrDefault() < need.nodesOrDefault()) {
      lacks.add("nodes " + nodesOrDefault() + " < " + need.nodes);
    }
    if (tasksPerNodeOrDefault() < need.tasksPerNodeOrDefault()) {
      lacks.add("tasks_per_node " + tasksPerNodeOrDefault() + " < " + need.tasksPerNode);
    }
    return lacks;
  }

  /** Returns for example {@code cpus 4, memory 64GB}, or {@code nothing said}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>(6);
    if (cpus != null) {
      parts.add("cpus " + cpus);
    }
    if (memory != null) {
      parts.add("memory " + memory);
    }
    if (disk != null) {
      parts.add("disk " + disk);
    }
    if (gpus != null) {
      parts.add("gpus " + gpus);
    }
    if (nodes != null) {
      parts.add("nodes " + nodes);
    }
    if (tasksPerNode != null) {
      parts.add("tasks_per_node " + tasksPerNode);
    }
    return parts.isEmpty() ? "nothing said" : String.join(", ", parts);
  }

  /** Builds {@link Quantities}. Every amount is absent by default. Not thread-safe. */
  public static final class Builder {
    private @Nullable Integer cpus;
    private @Nullable MemorySize memory;
    private @Nullable MemorySize disk;
    private @Nullable Integer gpus;
    private @Nullable Integer nodes;
    private @Nullable Integer tasksPerNode;

    private Builder() {}

    /** Sets the CPU cores, 1 or more. */
    @CanIgnoreReturnValue
    public Builder cpus(int cpus) {
      this.cpus = cpus;
      return this;
    }

    /** Sets the main memory. */
    @CanIgnoreReturnValue
    public Builder memory(MemorySize memory) {
      this.memory = memory;
      return this;
    }

    /**
     * Sets the main memory from text such as {@code 4GB}.
     *
     * @throws IllegalArgumentException if it is not a size
     */
    @CanIgnoreReturnValue
    public Builder memory(String memory) {
      return memory(MemorySize.parse(memory));
    }

    /** Sets the scratch space. */
    @CanIgnoreReturnValue
    public Builder disk(MemorySize disk) {
      this.disk = disk;
      return this;
    }

    /**
     * Sets the scratch space from text such as {@code 20GB}.
     *
     * @throws IllegalArgumentException if it is not a size
     */
    @CanIgnoreReturnValue
    public Builder disk(String disk) {
      return disk(MemorySize.parse(disk));
    }

    /** Sets the GPUs, 0 or more. */
    @CanIgnoreReturnValue
    public Builder gpus(int gpus) {
      this.gpus = gpus;
      return this;
    }

    /** Sets the machines, 1 or more. */
    @CanIgnoreReturnValue
    public Builder nodes(int nodes) {
      this.nodes = nodes;
      return this;
    }

    /** Sets the processes that MPI starts on each machine, 1 or more. */
    @CanIgnoreReturnValue
    public Builder tasksPerNode(int tasksPerNode) {
      this.tasksPerNode = tasksPerNode;
      return this;
    }

    /**
     * Returns the quantities.
     *
     * @throws IllegalArgumentException if an amount is out of its range
     */
    @CheckReturnValue
    public Quantities build() {
      return new Quantities(cpus, memory, disk, gpus, nodes, tasksPerNode);
    }
  }

  // Written out: what Java makes for a record is put together at run time, for milliseconds.
  @Override
  public int hashCode() {
    return Objects.hash(cpus, memory, disk, gpus, nodes, tasksPerNode);
  }
}
