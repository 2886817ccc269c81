package dev.muster.internal.engine;

import dev.muster.spi.CodeFiles;
import dev.muster.spi.OutputCopy;
import dev.muster.spi.ResultKeys;
import dev.muster.spi.RunShare;
import dev.muster.spi.TaskSink;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the parts of a run need of each other. Thread-safe. */
interface RunSupport {
  String runId();

  /** Returns the folder that relative paths of the workflow are taken from, absolute. */
  Path baseDirectory();

  RunFiles files();

  TaskSink sink();

  /** Returns the output of a task that succeeded and is still there. */
  @Nullable
  Object output(int task);

  /** Tells whether a task has failed for good or will not run. */
  boolean isMissing(int task);

  /** Tells whether the outputs of all tasks are kept until the run is closed. */
  boolean keepsValues();

  /** Tells whether an attempt is still wanted. */
  boolean isCurrent(int task, int attempt);

  /** Tells whether records of tasks are kept. */
  boolean keepsRecords();

  /** Returns the share of workers that other runs use, too. */
  RunShare share();

  /** Returns what the run has in common with others of its site, or null if it has none. */
  @Nullable
  EngineSite engineSite();

  /** Returns what is known of the results that tasks will give, or null if no records are kept. */
  @Nullable
  ResultKeys resultKeys();

  /** Returns the file that holds the output of a task and stays as it is, or null. */
  @Nullable
  OutputCopy copyInFile(int task);

  /** Says which files the code came from that a task has run. */
  void code(int task, CodeFiles files);

  /** Takes note of what runs tasks of this run in threads of this JVM. */
  void made(JvmTaskBody body);

  /** Writes a line to the run's log. */
  void log(int task, String message);
}
