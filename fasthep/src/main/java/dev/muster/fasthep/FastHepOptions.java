package dev.muster.fasthep;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.SiteFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How {@link FastHep} loads a workflow. Immutable and thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class FastHepOptions {
  private final @Nullable Integer chunkSize;
  private final @Nullable Path outdir;
  private final List<String> variations;
  private final @Nullable String python;
  private final @Nullable Boolean compatible;
  private final SiteFiles site;

  private FastHepOptions(Builder builder) {
    chunkSize = builder.chunkSize;
    outdir = builder.outdir;
    variations = List.copyOf(builder.variations);
    python = builder.python;
    compatible = builder.compatible;
    site = builder.site;
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the events in a partition, or null for one partition a file. */
  public @Nullable Integer chunkSize() {
    return chunkSize;
  }

  /** Returns where the products go, or null for the run's own folder. */
  public @Nullable Path outdir() {
    return outdir;
  }

  /** Returns the systematic variations to run; empty for all. */
  public List<String> variations() {
    return variations;
  }

  /** Returns the Python that has FAST-HEP, or null for what the workflow and the site say. */
  public @Nullable String python() {
    return python;
  }

  /** Returns whether everything is as FAST-HEP does it, where that is wrong too; null for what the workflow says. */
  public @Nullable Boolean compatible() {
    return compatible;
  }

  /** Returns what the site says. */
  public SiteFiles site() {
    return site;
  }

  /** Builds {@link FastHepOptions}. Not thread-safe. */
  public static final class Builder {
    private @Nullable Integer chunkSize;
    private @Nullable Path outdir;
    private final List<String> variations = new ArrayList<>();
    private @Nullable String python;
    private @Nullable Boolean compatible;
    private SiteFiles site = SiteFiles.none();

    private Builder() {}

    /**
     * Sets how many events a partition has at most, 1 or more; it counts for datasets that say how many events they
     * have. Default: one partition a
     * file.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    @CanIgnoreReturnValue
    public Builder chunkSize(int events) {
      if (events < 1) {
        throw new IllegalArgumentException("a partition needs at least 1 event, got " + events);
      }
      this.chunkSize = events;
      return this;
    }

    /** Sets where the products go; a relative path is taken from the current folder. Default: the run's own folder. */
    @CanIgnoreReturnValue
    public Builder outdir(Path outdir) {
      this.outdir = outdir;
      return this;
    }

    /** Adds a systematic variation to run. Default: all. */
    @CanIgnoreReturnValue
    public Builder variation(String name) {
      variations.add(name);
      return this;
    }

    /**
     * Sets the Python that has FAST-HEP, a name or a path. Default: what the workflow says, then the site, then one
     * that is found.
     */
    @CanIgnoreReturnValue
    public Builder python(String python) {
      this.python = python;
      return this;
    }

    /**
     * Sets whether everything is as FAST-HEP does it, where that is wrong too. Default: what the workflow says, else
     * false.
     */
    @CanIgnoreReturnValue
    public Builder compatible(boolean compatible) {
      this.compatible = compatible;
      return this;
    }

    /** Sets what the site says; it lies below the workflow. Default: nothing. */
    @CanIgnoreReturnValue
    public Builder site(SiteFiles site) {
      this.site = site;
      return this;
    }

    /** Returns the options. */
    @CheckReturnValue
    public FastHepOptions build() {
      return new FastHepOptions(this);
    }
  }
}
