package dev.muster.internal.operation;

import java.nio.file.Path;

/** Where files of a task go, for operations that make its folder only if there is something to put into it. */
public interface TaskPlace {
  /** Returns the path of the task's output folder; empty, or not there. */
  Path outputPlace();

  /** Returns the folder that holds the files of the run; it is there. */
  Path runFolder();
}
