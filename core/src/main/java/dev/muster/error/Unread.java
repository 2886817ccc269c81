package dev.muster.error;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The paths of values that could not be read, such as {@code execution.pools.gpu} or {@code stage A.needs}. They have
 * been told; what would only follow from them is
 * not told again. Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class Unread {
  /** The path of a whole site file: names may be missing of which it cannot be said that they are not there. */
  public static final String SITE = "site";

  private static final Unread NONE = new Unread(List.of());

  private final Set<String> paths;
  private final Set<String> around = new HashSet<>();

  private Unread(Collection<String> paths) {
    this.paths = Set.copyOf(paths);
    for (String path : this.paths) {
      for (String at = above(path); !at.isEmpty() && around.add(at); at = above(at)) {}
    }
  }

  /** Returns no paths: all was read. */
  public static Unread none() {
    return NONE;
  }

  /** Returns paths. */
  public static Unread of(Collection<String> paths) {
    return paths.isEmpty() ? NONE : new Unread(paths);
  }

  /** Returns these paths and others. */
  public Unread and(Collection<String> others) {
    if (others.isEmpty()) {
      return this;
    }
    Set<String> all = new HashSet<>(paths);
    all.addAll(others);
    return new Unread(all);
  }

  /** Returns the paths, in no order. */
  public Set<String> paths() {
    return paths;
  }

  /** Tells whether all was read. */
  public boolean isEmpty() {
    return paths.isEmpty();
  }

  /** Tells whether a value could not be read, or what surrounds it. */
  public boolean covers(String path) {
    if (paths.isEmpty()) {
      return false;
    }
    for (String at = path; !at.isEmpty(); at = above(at)) {
      if (paths.contains(at)) {
        return true;
      }
    }
    return false;
  }

  /** Tells whether a value could not be read, or what surrounds it, or something within it. */
  public boolean touches(String path) {
    return !paths.isEmpty() && (around.contains(path) || covers(path));
  }

  private static String above(String path) {
    return path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
  }
}
