package dev.muster.plan;

import com.google.common.collect.ImmutableList;

/**
 * Why a stage goes where it goes, and what else was considered. {@link #toString} is the text that {@code muster explain} prints.
 *
 * <p>Immutable and thread-safe.
 *
 * @param stage the stage
 * @param candidates every pool of the execution, in the author's order, and why it was taken or not
 * @since 0.1
 */
public record Explanation(PlannedStage stage, ImmutableList<Candidate> candidates) {
  /**
   * One pool that was considered.
   *
   * @param pool the pool's name
   * @param chosen whether tasks of the stage may run there
   * @param reason why, or why not
   */
  public record Candidate(String pool, boolean chosen, String reason) {}
}
