package dev.muster.batch.backend;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.run.TaskFailure;
import dev.muster.spi.CodeFiles;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One job that was submitted. Used by the thread that watches, but for what is final and {@link #cancelled}. */
final class Job {
  final Array array;
  final int index;
  final JobId id;
  private final JobEvents events = new JobEvents();
  private final JobSpec spec;

  /** Whether its end was asked for because a task of it is over. Guarded by the {@link Work} that it belongs to. */
  boolean cancelled;

  /** Whether it was seen to run. */
  boolean running;

  /** Which of its tasks, from 0, have begun. */
  final Marks begun = new Marks();

  /** Which have ended. */
  final Marks done = new Marks();

  /** The files that its Python code came from, as far as it has told. */
  CodeFiles code = CodeFiles.NONE;

  /** Whether what it has sent back is here. */
  boolean home;

  /** The task that runs, or -1. */
  int now = -1;

  /** Why it is given up, or null. */
  @Nullable
  TaskFailure hopeless;

  /**
   * Since when it is held, or until when what it told is waited for, as {@link System#nanoTime()} tells it; null if
   * not.
   */
  @Nullable
  Long since;

  /** When the task began that runs, or null if it is not known. */
  @Nullable
  Instant startedAt;

  /**
   * @param spec what was submitted
   */
  Job(Array array, int index, JobId id, JobSpec spec) {
    this.array = array;
    this.index = index;
    this.id = id;
    this.spec = spec;
  }

  /** Returns the file to which it wrote its standard error. */
  Path errors() {
    return spec.errFile(id.id());
  }

  /** Returns what it has told since this was last asked. */
  List<Map<?, ?>> told() {
    return events.read(array.folder.resolve(index + ".jsonl"));
  }

  /** Returns how many tasks it has. */
  int tasks() {
    return Math.min(array.each, array.tasks.length - index * array.each);
  }

  int task(int place) {
    return array.tasks[index * array.each + place];
  }

  int attempt(int place) {
    return array.attempts[index * array.each + place];
  }

  String pool() {
    return array.pool().pool.name();
  }

  String worker() {
    return array.pool().worker(array.places[index]);
  }

  /** Returns for example {@code job 4711_3 of pool default}. */
  @Override
  public String toString() {
    return "job " + id + " of pool " + pool();
  }
}
