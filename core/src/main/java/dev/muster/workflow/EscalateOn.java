package dev.muster.workflow;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The failures after which a task goes to where {@link Retry#escalate} says, if it is tried again.
 *
 * <p>A failure counts if its kind or its exit code is among them. The exit code is that of the task's command or of the
 * process that carried the task out, where it is known; 128 plus the number of a signal that ended it. Immutable and
 * thread-safe.
 *
 * @param kinds names of {@code dev.muster.run.FailureKind}, of those that are tried again; see {@link #knownKinds}
 * @param exitCodes exit codes, 1 to 255
 * @since 0.1
 */
public record EscalateOn(SortedSet<String> kinds, SortedSet<Integer> exitCodes) {
  private static final List<String> KNOWN = List.of(
      "OPERATION", "TIMEOUT", "OUT_OF_MEMORY", "WORKER_LOST", "WALLTIME", "PREEMPTED", "NETWORK");
  private static final EscalateOn OUT_OF_MEMORY = of("OUT_OF_MEMORY");

  /**
   * Creates it.
   *
   * @throws IllegalArgumentException if both are empty, a kind is not known or never tried again, or an exit code is
   *     not 1 to 255
   */
  public EscalateOn {
    if (kinds.isEmpty() && exitCodes.isEmpty()) {
      throw new IllegalArgumentException(
          "retry.escalate.on needs a kind of failure or an exit code");
    }
    for (String kind : kinds) {
      if (!KNOWN.contains(kind)) {
        throw new IllegalArgumentException(
            "retry.escalate.on: '" + kind + "' is not one of " + String.join(", ", KNOWN));
      }
    }
    for (int code : exitCodes) {
      if (code < 1 || code > 255) {
        throw new IllegalArgumentException(
            "retry.escalate.on: an exit code must be 1 to 255, got " + code);
      }
    }
    kinds = Collections.unmodifiableSortedSet(new TreeSet<>(kinds));
    exitCodes = Collections.unmodifiableSortedSet(new TreeSet<>(exitCodes));
  }

  /** Returns "running out of memory", the default. */
  public static EscalateOn outOfMemory() {
    return OUT_OF_MEMORY;
  }

  /** Returns failures of these kinds, for example {@code WALLTIME}. */
  public static EscalateOn of(String... kinds) {
    return new EscalateOn(new TreeSet<>(List.of(kinds)), Collections.emptySortedSet());
  }

  /** Returns failures with these exit codes, 1 to 255. */
  public static EscalateOn exitCodes(int... codes) {
    return new EscalateOn(Collections.emptySortedSet(), set(codes));
  }

  /** Returns these failures, and those of these kinds. */
  public EscalateOn orKinds(String... more) {
    SortedSet<String> all = new TreeSet<>(kinds);
    all.addAll(List.of(more));
    return new EscalateOn(all, exitCodes);
  }

  /** Returns these failures, and those with these exit codes, 1 to 255. */
  public EscalateOn orExitCodes(int... codes) {
    SortedSet<Integer> all = set(codes);
    all.addAll(exitCodes);
    return new EscalateOn(kinds, all);
  }

  /** Returns the kinds of failure that can be among {@code kinds}: those after which a task is tried again. */
  public static List<String> knownKinds() {
    return KNOWN;
  }

  /**
   * Tells whether a failure is among these.
   *
   * @param kind the name of its kind
   * @param exitCode its exit code, or null if it has none or it is not known
   */
  public boolean includes(String kind, @Nullable Integer exitCode) {
    return kinds.contains(kind) || (exitCode != null && exitCodes.contains(exitCode));
  }

  /** Returns the kinds and then the exit codes, as a workflow file lists them. */
  public List<Object> listed() {
    List<Object> all = new ArrayList<>(kinds);
    all.addAll(exitCodes);
    return List.copyOf(all);
  }

  private static SortedSet<Integer> set(int... codes) {
    SortedSet<Integer> set = new TreeSet<>();
    for (int code : codes) {
      set.add(code);
    }
    return set;
  }

  // Both written out: what Java makes for a record is put together at run time, for milliseconds.
  @Override
  public boolean equals(@Nullable Object other) {
    if (this == other) {
      return true;
    }
    return other instanceof EscalateOn on
        && kinds.equals(on.kinds)
        && exitCodes.equals(on.exitCodes);
  }

  @Override
  public int hashCode() {
    return 31 * kinds.hashCode() + exitCodes.hashCode();
  }
}
