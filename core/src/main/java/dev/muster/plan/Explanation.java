package dev.muster.plan;

import com.google.common.collect.ImmutableList;
import dev.muster.workflow.StageInput;

/**
 * Why a stage goes where it goes, and what else was considered. {@link #toString} is the text that
 * {@code muster explain} prints.
 *
 * <p>Immutable and thread-safe.
 *
 * @param stage the stage
 * @param candidates every pool of the execution, in the author's order, and why it was taken or not
 * @param waits what its tasks wait for
 * @since 0.1
 */
public record Explanation(
    PlannedStage stage, ImmutableList<Candidate> candidates, ImmutableList<Wait> waits) {
  /**
   * One pool that was considered.
   *
   * @param pool the pool's name
   * @param chosen whether tasks of the stage may run there
   * @param reason why, or why not
   */
  public record Candidate(String pool, boolean chosen, String reason) {}

  /**
   * One stage that is waited for.
   *
   * @param stage its id
   * @param tasks how many tasks it has
   * @param pattern how the tasks of the two stages hang together
   * @param inputs what is read of it; empty if it is only waited for
   * @param skipped the stages that are passed over, because they do not apply to {@code datasets}; mostly empty
   * @param datasets the datasets for which it is waited for; empty for all that have tasks in both stages
   */
  public record Wait(
      String stage,
      int tasks,
      Pattern pattern,
      ImmutableList<StageInput> inputs,
      ImmutableList<String> skipped,
      ImmutableList<String> datasets) {}

  /** Returns the explanation as a text of several lines. */
  @Override
  public String toString() {
    return ExplanationText.of(this);
  }
}
