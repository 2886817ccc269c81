package dev.muster.internal.operation;

import org.jspecify.annotations.Nullable;

/**
 * Tasks of one stage that are carried out one after another, in their order, and what becomes of each. Used by one
 * thread.
 *
 * <p>Each is begun, and then succeeds or fails, before the next is begun. What is not begun is given back.
 */
public interface Turns {
  /** Returns how many tasks there are. */
  int count();

  /**
   * Says that a task begins. From now on it may be out of time, and the thread may be interrupted on its account.
   *
   * @param turn its place among them, from 0
   * @return false if it is over, because it was cancelled: it must not run, and nothing more is said of it
   */
  boolean begin(int turn);

  /** Says that the task that was begun is done. */
  void succeeded(int turn, @Nullable Object output);

  /** Says that the task that was begun failed. */
  void failed(int turn, Throwable error);

  /** Gives back this task and all that follow: another worker, or this one, carries them out as if nothing had been. */
  void giveBack(int first);
}
