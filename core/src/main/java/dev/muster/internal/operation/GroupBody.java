package dev.muster.internal.operation;

import dev.muster.spi.TaskBody;

/** The code of tasks, some of which are better carried out in groups. Not thread-safe. */
public interface GroupBody extends TaskBody {
  /** Tells whether there are any such. */
  boolean groups();

  /** Returns how many tasks of the same stage are worth to be carried out in one go with this one, itself included. */
  int groupSize(int task);

  /** Tells whether a task may be in a group with another: they are of one stage. */
  boolean together(int task, int other);

  /**
   * Carries out a group on the calling thread.
   *
   * @param turns reports go there; all are over or given back when this returns
   * @param tasks the task of each turn
   * @param attempt the number of the attempt of all
   */
  void run(Turns turns, int[] tasks, int attempt);
}
