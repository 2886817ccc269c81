package dev.muster.internal.operation;

import dev.muster.spi.CodeFiles;
import java.nio.file.Path;

/** Where files of a task go, for operations that make its folder only if there is something to put into it. */
public interface TaskPlace {
  /** Returns the path of the task's output folder; empty, or not there. */
  Path outputPlace();

  /** Tells whether {@link #code} is of use to anybody. */
  default boolean wantsCode() {
    return false;
  }

  /** Says which files the code came from that the task has run. Called before it succeeds. */
  default void code(CodeFiles files) {}

  /** Returns the folder that holds the files of the run; it is there. */
  Path runFolder();
}
