package dev.muster.batch.backend;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.run.TaskFailure;
import dev.muster.spi.CodeFiles;
import java.nio.file.Path;
import java.time.Instant;
import java.util.BitSet;
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

  /**
   * Whether it was over, and what became of it was known, before this process began: then only results count that it
   * has told. Only for jobs of earlier processes.
   */
  boolean settled;

  /** Tasks of an earlier process's job whose result does not count any more. Guarded as {@link #cancelled}. */
  private @Nullable BitSet rejected;

  /** While it is read again, which tasks had begun before; else null. */
  @Nullable
  BitSet heard;

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

  /** Tells whether a task of it is one of this process's: those of earlier processes' jobs become so one by one. */
  boolean claimed(int place) {
    return attempt(place) > 0;
  }

  /** Lets a task of an earlier process's job be this process's, as its first attempt. */
  void claim(int place) {
    array.attempts[index * array.each + place] = 1;
  }

  /** Returns how many tasks of it, which are this process's, have not ended. */
  int left() {
    int left = 0;
    for (int place = 0; place < tasks(); place++) {
      left += claimed(place) && !done.get(place) ? 1 : 0;
    }
    return left;
  }

  /** Tells whether what a task has said until now was passed on before. */
  boolean heard(int place) {
    BitSet before = heard;
    return before != null && before.get(place);
  }

  /** Tells whether what it gives a task does not count. */
  boolean rejected(int place) {
    BitSet all = rejected;
    return all != null && all.get(place);
  }

  /** Lets what it gives a task not count. */
  void reject(int place) {
    BitSet all = rejected == null ? new BitSet() : rejected;
    all.set(place);
    rejected = all;
  }

  /** Tells whether it may yet tell of a task that counts. */
  boolean mayTell() {
    BitSet all = rejected;
    return left() > (all == null ? 0 : all.cardinality());
  }

  /** Lets what it has told be read from the beginning. */
  void again() {
    events.again();
    code = CodeFiles.NONE;
    now = -1;
    startedAt = null;
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
