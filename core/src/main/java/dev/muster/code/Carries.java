package dev.muster.code;

import java.util.Map;
import java.util.Set;

/**
 * Which code a backend carries out.
 *
 * @param kinds the kinds of code; where {@link StageCode.Kind#JAVA} is not among them, modifiers are Python, too
 * @param modifiers the modifiers in Python that come with the backend, besides those that come with Muster: name to
 *     {@code module:Class}
 * @param parallel whether a task may have several nodes, or several processes on one: what it computes with MPI
 * @since 0.1
 */
public record Carries(Set<StageCode.Kind> kinds, Map<String, String> modifiers, boolean parallel) {
  public Carries {
    kinds = Set.copyOf(kinds);
    modifiers = Map.copyOf(modifiers);
  }

  /** Returns what a backend says that runs tasks in this JVM: every kind, each on this machine alone. */
  public static Carries everything() {
    return new Carries(Set.of(StageCode.Kind.values()), Map.of(), false);
  }
}
