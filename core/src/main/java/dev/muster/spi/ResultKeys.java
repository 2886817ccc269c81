package dev.muster.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run knows of the results that its tasks will give, for a backend whose tasks outlive the process of a run: a
 * later process takes what they have given if it would give the same itself. Thread-safe.
 *
 * @since 0.1
 */
public interface ResultKeys {
  /** Returns which process of the run this is, counted from 1. */
  int controller();

  /**
   * Returns for each task a text that stands for all that makes its result, as far as that is known before it runs;
   * null where that is never certain. All that the tasks read must be there. What the texts depend on is on disk when
   * this returns.
   *
   * @throws dev.muster.error.MusterException if the records of the run cannot be written
   */
  List<@Nullable String> keys(int[] tasks);

  /**
   * Tells whether the result of an attempt is not known yet, neither as one that was taken nor as one that was given
   * up.
   *
   * @param controller the process of the run that began the attempt
   */
  boolean isNew(int task, int controller);

  /**
   * Tells what has changed of the code of an attempt, in words, or null if nothing has.
   *
   * @param code what the attempt has told of its code
   */
  @Nullable
  String changed(int task, CodeFiles code);
}
