package dev.muster.execution;

import com.google.common.primitives.Ints;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.Visible;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import dev.muster.resource.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A group of workers with the same capabilities.
 *
 * <p>As written, a pool may leave things out; layers, its profile and the defaults fill them in. Source: "Pools" of
 * FAST-HEP's resource pools. Immutable and thread-safe.
 *
 * @param name the pool's name, not blank; a label that stages can require
 * @param use the profile that it takes up, or null
 * @param workers how many workers, or null if not said (then 1)
 * @param slots tasks that a worker runs at a time, 1 or more, or null if not said (then 1)
 * @param resource the resource class that its workers have, or null; also a label that stages can require
 * @param quantities what one worker has
 * @param config options of the backend and the strategy, for example {@code walltime}
 * @since 0.1
 */
@CheckReturnValue
public record Pool(
    String name,
    @Nullable String use,
    @Nullable Workers workers,
    @Nullable Integer slots,
    @Nullable String resource,
    Quantities quantities,
    Map<String, @Nullable Object> config) {
  /** The most tasks that one worker can run at a time. */
  static final int MAX_SLOTS = 1_000_000;

  public Pool {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a pool needs a name");
    }
    if (name.chars().anyMatch(c -> c == '\0' || c == '\n' || c == '\r')) {
      throw new IllegalArgumentException(
          "the name of a pool has a line break or a NUL character: " + Visible.line(name));
    }
    if (slots != null && (slots < 1 || slots > MAX_SLOTS)) {
      throw new IllegalArgumentException(
          "pool " + name + ": slots must be 1 to " + MAX_SLOTS + ", got " + slots);
    }
    config = Settings.copyOf(config);
  }

  /** Returns a builder of a pool that says nothing but its name. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** Returns a builder that starts from this pool. */
  public Builder toBuilder() {
    Builder builder = new Builder(name);
    builder.use = use;
    builder.workers = workers;
    builder.slots = slots;
    builder.resource = resource;
    builder.quantities = quantities.toBuilder();
    builder.config.putAll(config);
    return builder;
  }

  /** Returns the number of workers, 1 to 1 where it is not said. */
  public Workers workersOrDefault() {
    return workers == null ? Workers.of(1) : workers;
  }

  /** Returns the tasks that a worker runs at a time, 1 where it is not said. */
  public int slotsOrDefault() {
    return slots == null ? 1 : slots;
  }

  /**
   * Returns how many tasks the pool can run at once: workers (the most) times slots, at most {@link Integer#MAX_VALUE}.
   */
  public int capacity() {
    return Ints.saturatedCast((long) workersOrDefault().max() * slotsOrDefault());
  }

  /** Tells whether a stage that requires {@code label} may run here: the pool's own name or its resource class's. */
  public boolean provides(String label) {
    return name.equals(label) || label.equals(resource);
  }

  /** Builds a {@link Pool}. Everything but the name is absent by default. Not thread-safe. */
  public static final class Builder {
    private final String name;
    private @Nullable String use;
    private @Nullable Workers workers;
    private @Nullable Integer slots;
    private @Nullable String resource;
    private Quantities.Builder quantities = Quantities.builder();
    private final Map<String, @Nullable Object> config = new LinkedHashMap<>();

    private Builder(String name) {
      this.name = name;
    }

    /** Sets the profile to take up. */
    @CanIgnoreReturnValue
    public Builder use(String profile) {
      this.use = profile;
      return this;
    }

    /** Sets a fixed number of workers, 1 or more. */
    @CanIgnoreReturnValue
    public Builder workers(int count) {
      return workers(Workers.of(count));
    }

    /** Makes the pool adaptive, from {@code min} to {@code max} workers. */
    @CanIgnoreReturnValue
    public Builder workers(int min, int max) {
      return workers(new Workers(min, max));
    }

    /** Sets the number of workers. */
    @CanIgnoreReturnValue
    public Builder workers(Workers workers) {
      this.workers = workers;
      return this;
    }

    /** Sets how many tasks a worker runs at a time. */
    @CanIgnoreReturnValue
    public Builder slots(int slots) {
      this.slots = slots;
      return this;
    }

    /** Sets the resource class that the workers have. */
    @CanIgnoreReturnValue
    public Builder resource(String resource) {
      this.resource = resource;
      return this;
    }

    /** Sets all that one worker has. */
    @CanIgnoreReturnValue
    public Builder quantities(Quantities quantities) {
      this.quantities = quantities.toBuilder();
      return this;
    }

    /** Sets the CPU cores of one worker. */
    @CanIgnoreReturnValue
    public Builder cpus(int cpus) {
      quantities.cpus(cpus);
      return this;
    }

    /** Sets the memory of one worker, for example {@code 4GB}. */
    @CanIgnoreReturnValue
    public Builder memory(String memory) {
      quantities.memory(memory);
      return this;
    }

    /** Sets the memory of one worker. */
    @CanIgnoreReturnValue
    public Builder memory(MemorySize memory) {
      quantities.memory(memory);
      return this;
    }

    /** Sets the scratch space of one worker, for example {@code 20GB}. */
    @CanIgnoreReturnValue
    public Builder disk(String disk) {
      quantities.disk(disk);
      return this;
    }

    /** Sets the GPUs of one worker. */
    @CanIgnoreReturnValue
    public Builder gpus(int gpus) {
      quantities.gpus(gpus);
      return this;
    }

    /**
     * Adds an option of the backend or the strategy, for example {@code ("walltime", "04:00:00")}: a text, a number, a
     * boolean, a {@link java.time.Duration}, a {@link dev.muster.resource.MemorySize}, a constant of an enum, a path,
     * or a list or mapping of such, see {@link Settings}. Null is as if it were not given.
     */
    @CanIgnoreReturnValue
    public Builder config(String key, @Nullable Object value) {
      config.put(key, value);
      return this;
    }

    /**
     * Returns the pool.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    @CheckReturnValue
    public Pool build() {
      return new Pool(name, use, workers, slots, resource, quantities.build(), config);
    }
  }

  // Written out: what Java makes for a record is put together at run time, for milliseconds.
  @Override
  public int hashCode() {
    return Objects.hash(name, use, workers, slots, resource, quantities, config);
  }
}
