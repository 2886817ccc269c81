package dev.muster;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.execution.Layer;
import dev.muster.plan.Machine;
import dev.muster.spi.Backend;
import dev.muster.spi.ModifierProvider;
import dev.muster.spi.OperationProvider;
import dev.muster.spi.Plugin;

/**
 * What all runs of a {@link Site} have in common, apart from the execution: layers, and providers given as instances.
 *
 * <p>Providers given here win over those of their name that {@link java.util.ServiceLoader} finds. Immutable and
 * thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class SiteOptions {
  private static final SiteOptions DEFAULTS = builder().build();

  private final RunOptions common;

  private SiteOptions(Builder builder) {
    common = builder.common.build();
  }

  /** Returns the defaults, which stand with each property of {@link Builder}. */
  public static SiteOptions defaults() {
    return DEFAULTS;
  }

  /** Returns a builder that starts from the defaults. */
  public static Builder builder() {
    return new Builder(RunOptions.builder());
  }

  /** Returns a builder that starts from these options. */
  public Builder toBuilder() {
    return new Builder(common.toBuilder());
  }

  /** Returns options of a run that have what is said here, and nothing else. */
  RunOptions common() {
    return common;
  }

  /** Builds {@link SiteOptions}. Not thread-safe. */
  public static final class Builder {
    private final RunOptions.Builder common;

    private Builder(RunOptions.Builder common) {
      this.common = common;
    }

    /** Adds a layer below the site's execution and above those added before: a profile. Default: none. */
    @CanIgnoreReturnValue
    public Builder below(Layer layer) {
      common.below(layer);
      return this;
    }

    /** Adds a layer above the site's execution and above those added before: an override. Default: none. */
    @CanIgnoreReturnValue
    public Builder above(Layer layer) {
      common.above(layer);
      return this;
    }

    /** Sets the machine that stands in where no pools are described. Default: this one. */
    @CanIgnoreReturnValue
    public Builder machine(Machine machine) {
      common.machine(machine);
      return this;
    }

    /** Adds a backend. Default: those that are found. */
    @CanIgnoreReturnValue
    public Builder backend(Backend backend) {
      common.backend(backend);
      return this;
    }

    /** Adds a strategy, a provider of workers' environments or one of credentials. Default: those that are found. */
    @CanIgnoreReturnValue
    public Builder plugin(Plugin plugin) {
      common.plugin(plugin);
      return this;
    }

    /** Adds an operation provider; a run may add others. Default: those that are found. */
    @CanIgnoreReturnValue
    public Builder operations(OperationProvider provider) {
      common.operations(provider);
      return this;
    }

    /** Adds a modifier provider; a run may add others. Default: those that are found. */
    @CanIgnoreReturnValue
    public Builder modifiers(ModifierProvider provider) {
      common.modifiers(provider);
      return this;
    }

    /** Returns the options. */
    @CheckReturnValue
    public SiteOptions build() {
      return new SiteOptions(this);
    }
  }
}
