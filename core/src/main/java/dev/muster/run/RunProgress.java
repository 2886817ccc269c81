package dev.muster.run;

import java.util.List;

/**
 * How far a run is: a snapshot.
 *
 * <p>Immutable and thread-safe.
 *
 * @param stages the stages, in the author's order
 * @since 0.1
 */
public record RunProgress(List<StageProgress> stages) {
  /**
   * How far a stage is.
   *
   * @param id the stage's id
   * @param tasks how many tasks it has
   * @param running how many run
   * @param succeeded how many succeeded
   * @param failed how many failed for good
   * @param skipped how many will never start
   */
  public record StageProgress(
      String id, int tasks, int running, int succeeded, int failed, int skipped) {
    /** Returns how many have not started, or wait for another attempt. */
    public int waiting() {
      return tasks - running - succeeded - failed - skipped;
    }
  }
}
