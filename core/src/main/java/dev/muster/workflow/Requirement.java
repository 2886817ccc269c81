package dev.muster.workflow;

import org.jspecify.annotations.Nullable;

/**
 * What a stage asks of the workers that run it: nothing, a label it must have, or a label it would like.
 *
 * <p>Source: "Resources" of FAST-HEP's resource pools. Immutable and thread-safe.
 *
 * @since 0.1
 */
public sealed interface Requirement {
  /** No requirement: the default pool. */
  record None() implements Requirement {
    // Written out: what Java makes for a record is put together at run time, for milliseconds.
    @Override
    public int hashCode() {
      return 0;
    }
  }

  /**
   * Only pools that provide a label.
   *
   * @param label the label, not blank
   */
  record Require(String label) implements Requirement {
    public Require {
      notBlank(label);
    }
  }

  /**
   * Pools that provide a label if there are any, else others.
   *
   * @param label the label, not blank
   * @param fallback the label used where no pool provides {@code label}, or null for the default pool
   */
  record Prefer(String label, @Nullable String fallback) implements Requirement {
    public Prefer {
      notBlank(label);
      if (fallback != null) {
        notBlank(fallback);
      }
    }
  }

  /** Returns no requirement. */
  static Requirement none() {
    return new None();
  }

  /** Returns the requirement of {@code label}. */
  static Requirement require(String label) {
    return new Require(label);
  }

  /** Returns the preference for {@code label}, with the default pool as the fallback. */
  static Requirement prefer(String label) {
    return new Prefer(label, null);
  }

  private static void notBlank(String label) {
    if (label.isBlank()) {
      throw new IllegalArgumentException("a resource label cannot be blank");
    }
  }
}
