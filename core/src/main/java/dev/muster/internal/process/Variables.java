package dev.muster.internal.process;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The environment variables of a process, as what differs from those of this one: commands have most in common, and
 * looking at all of them again takes longer than to start a command. Thread-safe.
 */
public final class Variables {
  private static final Map<String, String> INHERITED = SystemText.inherited();

  private final Map<String, String> own;
  private final Set<String> unset;

  private Variables(Map<String, String> own, Set<String> unset) {
    this.own = own;
    this.unset = unset;
  }

  /**
   * Returns those of this process, but for some.
   *
   * @param own the variables that a process has in addition, or with another value; not to be changed any more
   * @param unset the names of those that it does not have, unless they are in {@code own}
   */
  public static Variables with(Map<String, String> own, Collection<String> unset) {
    Set<String> gone = Set.of();
    for (String name : unset) {
      if (INHERITED.containsKey(name) && !own.containsKey(name)) {
        gone = gone.isEmpty() ? new LinkedHashSet<>() : gone;
        gone.add(name);
      }
    }
    return new Variables(own, gone);
  }

  /** Returns those of a process, where all are known. */
  public static Variables of(Map<String, String> all) {
    Map<String, String> own = new LinkedHashMap<>();
    all.forEach((name, value) -> {
      if (!value.equals(INHERITED.get(name))) {
        own.put(name, value);
      }
    });
    Set<String> unset = new LinkedHashSet<>(INHERITED.keySet());
    unset.removeAll(all.keySet());
    return new Variables(own, unset);
  }

  /** Returns the variables that this process does not have, or with another value. Some may be the same. */
  Map<String, String> own() {
    return own;
  }

  /** Returns the names of the variables that only this process has. */
  Set<String> unset() {
    return unset;
  }

  /** Returns the value of a variable, or null if there is none of that name. */
  public @Nullable String get(String name) {
    String value = own.get(name);
    return value != null || unset.contains(name) ? value : INHERITED.get(name);
  }

  /** Returns all, in a map of the caller's own. */
  public Map<String, String> all() {
    Map<String, String> all = new HashMap<>(INHERITED);
    all.keySet().removeAll(unset);
    all.putAll(own);
    return all;
  }

  /** Says which names there are, and nothing of the values: they may be secrets. */
  @Override
  public String toString() {
    return "Variables(" + own.keySet() + ", without " + unset + ")";
  }
}
