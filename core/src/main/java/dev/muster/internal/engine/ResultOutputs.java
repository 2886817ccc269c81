package dev.muster.internal.engine;

import dev.muster.plan.Plan;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.run.TaskFailure;
import dev.muster.run.TaskOutput;
import dev.muster.run.TaskStatus;
import dev.muster.spi.StoredOutput;
import dev.muster.value.FileRef;
import dev.muster.value.PythonValue;
import dev.muster.value.ValueException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of tasks as a run's result shows them: a value has the same type whether it lies in a file or not.
 * Thread-safe.
 */
final class ResultOutputs {
  private final Plan plan;
  private final RunState state;

  ResultOutputs(Plan plan, RunState state) {
    this.plan = plan;
    this.state = state;
  }

  /** An output that could not be read while the run's temporary folder was there. */
  private record Unreadable(TaskException why) {}

  /**
   * Reads the outputs that would be gone with the run's temporary folder; those in a directory of the user's are read
   * when they are asked for.
   */
  void settle() {
    if (state.directory() != null) {
      return;
    }
    for (int task = 0; task < plan.taskCount(); task++) {
      if (state.outputs().get(task) instanceof StoredOutput stored && stored.kept()) {
        state.outputs().settle(task, read(task, stored));
      }
    }
  }

  private Object read(int task, StoredOutput stored) {
    try {
      Object value = stored.read();
      return value == null ? Outputs.NULL : value;
    } catch (TaskException e) {
      return new Unreadable(e);
    } catch (RuntimeException e) { // of a plugin: the run's result is there all the same
      return new Unreadable(new TaskException(
          FailureKind.SERIALIZATION,
          "the output of " + plan.nameOf(task) + " cannot be read: " + Failures.message(e),
          e));
    }
  }

  TaskOutput of(int task) {
    TaskStatus status = state.states().status(task);
    if (status != TaskStatus.SUCCEEDED) {
      TaskFailure failure = state.failures().get(task);
      return TaskOutput.missing(plan.nameOf(task) + " has no output: it is " + status
          + (failure == null ? "" : " (" + failure.kind() + "): " + failure.message()));
    }
    Object output = state.outputs().get(task);
    boolean kept = output instanceof StoredOutput stored
        ? stored.kept()
        : output != null || !state.outputs().dropped(task);
    if (!kept) {
      return TaskOutput.missing("the output of " + plan.nameOf(task)
          + " was not kept: it is dropped when all tasks that read it have ended;"
          + " RunOptions.builder().keepValues(true) keeps the outputs of all tasks");
    }
    return new Kept(plan.nameOf(task), output);
  }

  /** An output that is there. */
  private final class Kept implements TaskOutput {
    private final String name;
    private final @Nullable Object output;

    Kept(String name, @Nullable Object output) {
      this.name = name;
      this.output = output;
    }

    @Override
    public boolean available() {
      if (output instanceof Unreadable) {
        return false;
      }
      try {
        return deleted(readable(output)) == null;
      } catch (TaskException e) { // as with one in a file, that shows when it is asked for
        return true;
      }
    }

    @Override
    public @Nullable Object value() {
      if (output instanceof Unreadable unreadable) {
        throw new TaskException(
            unreadable.why().kind(),
            String.valueOf(unreadable.why().getMessage()),
            unreadable.why());
      }
      Object value = readable(
          output == Outputs.NULL
              ? null
              : output instanceof StoredOutput stored ? stored.read() : output);
      Path deleted = deleted(value);
      if (deleted != null) {
        throw new IllegalStateException("the output of " + name + " is the file " + deleted
            + ", which was deleted with the run's temporary folder; RunOptions.builder().directory(..)"
            + " gives the run a directory that keeps its files");
      }
      return value;
    }

    private @Nullable Object readable(@Nullable Object value) {
      try {
        return PythonValue.readable(value, "the output of " + name);
      } catch (ValueException e) {
        throw new TaskException(FailureKind.SERIALIZATION, String.valueOf(e.getMessage()), e);
      }
    }

    /** Returns a file of the run's temporary folder that a value names, if that folder is deleted. */
    private @Nullable Path deleted(@Nullable Object value) {
      Path temporary = state.deletedFolder();
      return temporary == null ? null : deleted(value, temporary);
    }

    // A value of Java may be deep, and may hold itself.
    private static @Nullable Path deleted(@Nullable Object value, Path temporary) {
      Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
      Deque<Object> open = new ArrayDeque<>();
      push(open, value);
      while (!open.isEmpty()) {
        Object item = open.pop();
        Path file =
            item instanceof FileRef ref ? ref.path() : item instanceof Path path ? path : null;
        if (file != null) {
          if (file.startsWith(temporary)) {
            return file;
          }
        } else if (item instanceof Map<?, ?> map && seen.add(map)) {
          map.values().forEach(each -> push(open, each));
        } else if (item instanceof Collection<?> several && seen.add(several)) {
          several.forEach(each -> push(open, each));
        } else if (item instanceof Object[] array && seen.add(array)) {
          Arrays.asList(array).forEach(each -> push(open, each));
        }
      }
      return null;
    }

    private static void push(Deque<Object> open, @Nullable Object item) {
      if (item != null) {
        open.push(item);
      }
    }
  }
}
