package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.muster.error.Problem;
import dev.muster.error.Unread;

/**
 * What planning comes to, also where something is wrong. Immutable and thread-safe.
 *
 * @param plan the plan; with problems, or with something unread, one to be looked at but not to be run: what is wrong
 *     is left out of it
 * @param problems what is wrong, in the order of the files
 * @param unread the paths of what could not be read, or not be found by its name
 * @param adrift the stages of which it is not known to which backend they go
 * @since 0.1
 */
public record Attempt(
    Plan plan, ImmutableList<Problem> problems, Unread unread, ImmutableSet<String> adrift) {
  /** Tells whether the plan can be run. */
  public boolean isWhole() {
    return problems.isEmpty() && unread.isEmpty();
  }
}
