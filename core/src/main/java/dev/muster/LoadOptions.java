package dev.muster;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.execution.Layer;
import dev.muster.internal.yaml.GivenParam;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How {@link Workflows#load} loads a file. Immutable and thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class LoadOptions {
  private final @Nullable String language;
  private final Map<String, List<String>> given;
  private final Map<String, GivenParam> params;
  private final SiteFiles site;
  private final List<Layer> above;

  private LoadOptions(Builder builder) {
    language = builder.language;
    Map<String, List<String>> copy = new LinkedHashMap<>();
    builder.given.forEach((name, values) -> copy.put(name, List.copyOf(values)));
    given = Collections.unmodifiableMap(copy);
    params = Collections.unmodifiableMap(new LinkedHashMap<>(builder.params));
    site = builder.site;
    above = List.copyOf(builder.above);
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these options. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.language = language;
    given.forEach((name, values) -> values.forEach(value -> builder.option(name, value)));
    builder.params.putAll(params);
    builder.site = site;
    builder.above.addAll(above);
    return builder;
  }

  /** Returns the language, or null to find it out. */
  public @Nullable String language() {
    return language;
  }

  /** Returns the options of the language by name. */
  public Map<String, List<String>> given() {
    return given;
  }

  Map<String, GivenParam> params() {
    return params;
  }

  /** Returns what the site says. */
  public SiteFiles site() {
    return site;
  }

  /** Returns what overrides the file, the lowest first. */
  public List<Layer> above() {
    return above;
  }

  /** Builds {@link LoadOptions}. Not thread-safe. */
  public static final class Builder {
    private @Nullable String language;
    private final Map<String, List<String>> given = new LinkedHashMap<>();
    private final Map<String, GivenParam> params = new LinkedHashMap<>();
    private SiteFiles site = SiteFiles.none();
    private final List<Layer> above = new ArrayList<>();

    private Builder() {}

    /** Sets the language: {@code muster} for Muster's own, or the name of another. Default: found out from the file. */
    @CanIgnoreReturnValue
    public Builder language(@Nullable String language) {
      this.language = language;
      return this;
    }

    /** Adds an option of a language other than Muster's own, for example {@code chunk-size}. Default: none. */
    @CanIgnoreReturnValue
    public Builder option(String name, String value) {
      given.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
      return this;
    }

    /**
     * Gives a parameter of the workflow another value than the file does, of the same kind; the last one of a name
     * counts. Loading fails if the file has no such parameter. Default: the file's values.
     *
     * @param value JSON-like
     */
    @CanIgnoreReturnValue
    public Builder param(String name, @Nullable Object value) {
      params.put(name, GivenParam.of(value));
      return this;
    }

    /**
     * Gives a parameter of the workflow a value as it stands on a command line: it is taken as it is where the file's
     * own value is a text, and read as YAML elsewhere. The rest is as with {@link #param}.
     */
    @CanIgnoreReturnValue
    public Builder paramText(String name, String text) {
      params.put(name, GivenParam.read(text));
      return this;
    }

    /** Sets what the site says; it lies below the file. Default: nothing. */
    @CanIgnoreReturnValue
    public Builder site(SiteFiles site) {
      this.site = site;
      return this;
    }

    /**
     * Adds a layer that overrides the file, on top of those already there. A language may need to know it while it
     * loads the file, for example
     * {@code config.python}; the plan takes it from {@link RunOptions}. Default: none.
     */
    @CanIgnoreReturnValue
    public Builder above(Layer layer) {
      above.add(layer);
      return this;
    }

    /** Returns the options. */
    @CheckReturnValue
    public LoadOptions build() {
      return new LoadOptions(this);
    }
  }
}
