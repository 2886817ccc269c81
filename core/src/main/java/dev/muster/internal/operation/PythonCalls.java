package dev.muster.internal.operation;

import dev.muster.internal.operation.PythonOperation.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A group of calls on their way through a Python process: written in one go, answered one after another. A call
 * begins when the one before it is answered. What a process cannot, or shall not, begin any more is given back. Used
 * once, by one thread.
 */
final class PythonCalls {
  // They fit into a pipe, so that no write waits for a process that is busy with the first of them.
  private static final int MOST_BYTES = 32 * 1024;

  private final String callable;
  private final PythonProcess.Kind kind;
  private final PythonProcesses processes;
  private final GroupSize size;
  private final Turns turns;
  private final List<Call> calls = new ArrayList<>();
  private @Nullable String version;
  private boolean returned;
  private long first;
  private int current;
  private int measured;
  private double sum;
  private double longest;

  PythonCalls(
      String callable,
      PythonProcess.Kind kind,
      PythonProcesses processes,
      GroupSize size,
      Turns turns) {
    this.callable = callable;
    this.kind = kind;
    this.processes = processes;
    this.size = size;
    this.turns = turns;
  }

  /**
   * Carries them out.
   *
   * @param make makes the call of a turn
   */
  void run(IntFunction<Call> make) {
    if (!turns.begin(0)) {
      turns.giveBack(1);
      return;
    }
    PythonProcess process;
    try {
      calls.add(make.apply(0));
      process = processes.take(kind);
    } catch (Throwable e) { // whatever it is, it is this task's failure
      turns.failed(0, e);
      turns.giveBack(1);
      return;
    }
    try {
      addMore(make);
      carryOut(process);
    } finally {
      if (!returned) {
        process.close();
        giveBack(process);
      }
    }
  }

  /** Returns the version of the Python that answered; null if none did. */
  @Nullable
  String version() {
    return version;
  }

  private void addMore(IntFunction<Call> make) {
    int bytes = PythonChannel.size(calls.get(0).content());
    while (calls.size() < turns.count()) {
      int turn = calls.size();
      try {
        Call call = make.apply(turn);
        bytes += PythonChannel.size(call.content());
        if (bytes > MOST_BYTES) {
          turns.giveBack(turn);
          return;
        }
        calls.add(call);
      } catch (RuntimeException e) { // it fails when it is the first of a group
        turns.giveBack(turn);
        return;
      }
    }
  }

  private void carryOut(PythonProcess process) {
    boolean measure = send(process);
    while (true) {
      Object output = null;
      Throwable error = null;
      try {
        output = process.answer(sent());
        note(process.micros());
      } catch (Throwable e) {
        error = e;
      }
      int turn = current++;
      boolean fit = process.fit();
      boolean more = fit && current < calls.size();
      if (!more) {
        if (!fit) {
          process.close(calls.get(turn).log());
        } else if (measure && measured > 0) {
          size.took(measured, sum, longest);
        }
        giveBack(process); // before the next stage begins, which may want it
      }
      if (error == null) {
        turns.succeeded(turn, output);
      } else {
        turns.failed(turn, error);
      }
      if (!more) {
        if (current < calls.size()) {
          turns.giveBack(current);
        }
        return;
      }
      if (!turns.begin(current)) { // the process may have begun it
        process.close(calls.get(current).log());
        giveBack(process);
        turns.giveBack(current + 1);
        return;
      }
    }
  }

  /**
   * Returns whether what they take says something of others: not where the process starts, or imports what they need.
   */
  private boolean send(PythonProcess process) {
    PythonChannel.Group group = process.group(calls.get(0).folder());
    boolean known = true;
    first = process.numbers(calls.size());
    for (int turn = 0; turn < calls.size(); turn++) {
      Call call = calls.get(turn);
      for (PythonOperation.Kept kept : call.shared()) {
        known &= process.keep(group, kept.id(), kept.json());
      }
      group.call(first + turn, call.content());
    }
    process.send(group, calls.size());
    return known;
  }

  private void note(double micros) {
    measured++;
    sum += micros;
    longest = Math.max(longest, micros);
  }

  private void giveBack(PythonProcess process) {
    version = process.version();
    returned = true;
    processes.giveBack(process);
  }

  private PythonProcess.Sent sent() {
    Call call = calls.get(current);
    return new PythonProcess.Sent() {
      @Override
      public long number() {
        return first + current;
      }

      @Override
      public String what() {
        return callable;
      }

      @Override
      public TaskLog log() {
        return call.log();
      }

      @Override
      public PythonProcess.Listener listener() {
        return call.listener();
      }

      @Override
      public boolean waiting() {
        return current + 1 < calls.size();
      }

      @Override
      public int recalled(long from, long last) {
        if (last < first) {
          return 0; // of the group before
        }
        int left = Math.toIntExact(from - first);
        int recalled = calls.size() - left;
        if (left <= current || recalled <= 0) {
          throw new IllegalStateException("calls that have begun are not given back: " + from);
        }
        turns.giveBack(left);
        calls.subList(left, calls.size()).clear();
        return recalled;
      }
    };
  }
}
