package dev.muster.code;

import java.util.Map;
import java.util.Set;

/**
 * Which code a backend carries out.
 *
 * @param kinds the kinds of code; where {@link StageCode.Kind#JAVA} is not among them, modifiers are Python, too
 * @param modifiers the modifiers in Python that come with the backend, besides those that come with Muster: name to
 *     {@code module:Class}
 * @since 0.1
 */
public record Carries(Set<StageCode.Kind> kinds, Map<String, String> modifiers) {
  public Carries {
    kinds = Set.copyOf(kinds);
    modifiers = Map.copyOf(modifiers);
  }

  /** Returns what a backend says that runs tasks in this JVM: every kind. */
  public static Carries everything() {
    return new Carries(Set.of(StageCode.Kind.values()), Map.of());
  }
}
