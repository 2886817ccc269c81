package dev.muster.internal.operation;

import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.ExitCode;
import dev.muster.internal.process.MemoryKills;
import dev.muster.internal.process.ProcessTree;
import dev.muster.internal.thread.RunThreads;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Python process that carries out calls, one at a time.
 *
 * <p>Frames of JSON go in through its standard input and out through its standard output, each after its length and the number of its call. A
 * thread reads what comes out, so that the caller can be interrupted. What is no message of the call ends the process. Used by one thread at a
 * time.
 */
final class PythonProcess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PythonProcess.class);
  private static final int QUEUED_FRAMES = 64;
  private static final int LONGEST_FRAME = 257 << 20;
  private static final long NO_CALL = -1;
  private static final Frame END = new Frame(NO_CALL, null);

  /** What came out of a process: a message of a call, bytes that are none, which have no number, or the end, which has no content. */
  private static final class Frame {
    final long number;
    final byte @Nullable [] content;

    Frame(long number, byte @Nullable [] content) {
      this.number = number;
      this.content = content;
    }
  }

  /**
   * What a process needs to have to serve a stage.
   *
   * @param interpreter the Python interpreter
   * @param variables environment variables, in addition to this JVM's
   * @param unset those of this JVM's environment variables that it does not get
   * @param directory the folder in which it works, the first that modules are looked for in
   * @param whole whether it has all of the code, for commands and the built-in modifiers, and not only that for functions
   */
  record Kind(
      Path interpreter,
      Map<String, String> variables,
      List<String> unset,
      Path directory,
      boolean whole) {
    /** Says nothing of the variables' values: they may be secrets. */
    @Override
    public String toString() {
      return interpreter + " in " + directory + " with " + variables.keySet();
    }
  }

  private final Kind kind;
  private final ProcessTree tree;
  private final DataOutputStream calls;
  private final BlockingQueue<Frame> frames = new ArrayBlockingQueue<>(QUEUED_FRAMES);
  private final long killsAtStart = MemoryKills.count();
  private volatile boolean closed;
  private @Nullable String version;
  private boolean answering;
  private long number = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE / 2);

  private PythonProcess(Kind kind, ProcessTree tree) {
    this.kind = kind;
    this.tree = tree;
    this.calls = new DataOutputStream(tree.process().getOutputStream());
  }

  /**
   * Starts a process; does not wait until it is ready.
   *
   * @param run the id of the run that it is for
   * @throws TaskException if it cannot be started
   */
  static PythonProcess start(Kind kind, Duration grace, String run) {
    ProcessBuilder builder =
        new ProcessBuilder(kind.interpreter().toString(), "-c", PythonSources.BOOT);
    builder.directory(kind.directory().toFile());
    builder.environment().putIfAbsent("PYTHONUTF8", "1"); // whatever the locale
    builder.environment().keySet().removeAll(kind.unset());
    builder.environment().putAll(kind.variables());
    ProcessTree tree;
    try {
      tree = ProcessTree.start(builder, grace);
    } catch (IOException e) {
      throw new TaskException(
          FailureKind.ENVIRONMENT,
          "Python cannot be started: " + kind.interpreter() + " in " + kind.directory() + ": "
              + IoErrors.describe(e),
          e);
    }
    PythonProcess process = new PythonProcess(kind, tree);
    RunThreads.daemon("python-" + tree.process().pid(), run, process::read).start();
    // What a dead process has left behind would keep its output open.
    tree.closeAtEnd(run);
    try {
      process.calls.write(PythonSources.of(kind));
      process.calls.flush();
    } catch (IOException e) {
      // It ended at once; the first call finds out why.
      return process;
    }
    return process;
  }

  /** Receives what a call says before its result. */
  interface Listener {
    void log(String message);

    void diagnostic(String name, @Nullable Object value);

    void usage(double cpuSeconds, long peakBytes);
  }

  /**
   * Carries out a call.
   *
   * @param what the call in words, for messages
   * @param taskLog the call's log, whose end is in the message when the process dies
   * @return the output
   * @throws TaskException if the call failed or the process died
   * @throws InterruptedException if the thread was interrupted; the process has to be closed then, as after its death
   */
  @Nullable
  Object call(byte[] frame, String what, TaskLog taskLog, Listener listener)
      throws InterruptedException {
    long kills = MemoryKills.count();
    answering = true;
    number++;
    try {
      write(frame);
    } catch (IOException e) {
      // It has ended; the frames that it has left and its exit code say more.
      return answer(what, taskLog, listener, kills);
    }
    return answer(what, taskLog, listener, kills);
  }

  private @Nullable Object answer(String what, TaskLog taskLog, Listener listener, long kills)
      throws InterruptedException {
    while (true) {
      Frame frame = frames.take();
      if (frame.content == null) {
        throw died(what, taskLog, kills);
      }
      Map<?, ?> message = message(frame.content);
      String type = message == null ? "none" : String.valueOf(message.get("type"));
      if (message == null || frame.number != (type.equals("hello") ? NO_CALL : number)) {
        throw foreign(what, "bytes that are no message of this call");
      }
      switch (type) {
        case "hello" -> version = String.valueOf(message.get("python"));
        case "log" -> listener.log(String.valueOf(message.get("message")));
        case "diagnostic" ->
          listener.diagnostic(String.valueOf(message.get("name")), message.get("value"));
        case "usage" ->
          listener.usage(
              number(message.get("cpu_seconds")), (long) number(message.get("peak_bytes")));
        case "result" -> {
          answering = false;
          return message.get("output");
        }
        case "error" -> {
          answering = false;
          throw new TaskException(
              FailureKind.valueOf(String.valueOf(message.get("kind"))),
              what + ": " + message.get("message"),
              message.get("exit_code") instanceof Number code ? code.intValue() : null,
              null);
        }
        default -> throw foreign(what, "a message of type " + type);
      }
    }
  }

  private static @Nullable Map<?, ?> message(byte[] content) {
    try {
      return ValueEncoding.decode(content) instanceof Map<?, ?> message ? message : null;
    } catch (ValueException e) {
      log.debug("a frame of a Python process is no JSON", e);
      return null;
    }
  }

  /** Ends the process: what comes out of it cannot be told from what something else writes into its protocol. */
  private TaskException foreign(String what, String seen) {
    close();
    return new TaskException(
        FailureKind.BACKEND,
        what + ": " + seen
            + " came out of its Python process where its result was expected, so the process was ended;"
            + " code of the operation writes into a file descriptor that it has not opened",
        null);
  }

  private static double number(@Nullable Object value) {
    return value instanceof Number number ? number.doubleValue() : 0;
  }

  /** Returns the version of Python, or null before the first call was answered. */
  @Nullable
  String version() {
    return version;
  }

  /** Returns what it was started for. */
  Kind kind() {
    return kind;
  }

  /** Tells whether it can carry out a call: it lives, and its last call was answered. */
  boolean ready() {
    return !answering && !closed && tree.process().isAlive();
  }

  /** Ends it: lets it end by itself for a moment if it is idle, and kills it and all that it started otherwise. Idempotent. */
  @Override
  public void close() {
    closed = true;
    tree.close();
    frames.clear();
  }

  /** Tells an idle process that no more calls will come, so that it ends by itself. */
  void finish() {
    closed = true;
    try {
      calls.close();
    } catch (IOException e) {
      // It has ended already.
      tree.close();
    }
  }

  /** Waits for an idle process that was told to finish, and ends it after a time. */
  void awaitEnd(Duration limit) {
    try {
      tree.process().waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  private void write(byte[] frame) throws IOException {
    calls.writeInt(frame.length);
    calls.writeLong(number);
    calls.write(frame);
    calls.flush();
  }

  private void read() {
    try (DataInputStream in = new DataInputStream(tree.process().getInputStream())) {
      while (true) {
        int length = in.readInt();
        long call = in.readLong();
        if (length < 0 || length > LONGEST_FRAME) {
          frames.put(new Frame(NO_CALL, new byte[0]));
          return;
        }
        byte[] frame = new byte[length];
        in.readFully(frame);
        frames.put(new Frame(call, frame));
      }
    } catch (IOException e) {
      log.trace("Python process {} has ended", tree.process().pid(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  private void end() {
    while (!closed && !frames.offer(END)) {
      try {
        TimeUnit.MILLISECONDS.sleep(10);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private TaskException died(String what, TaskLog taskLog, long killsBefore)
      throws InterruptedException {
    tree.process().waitFor(5, TimeUnit.SECONDS);
    tree.close();
    int code = tree.process().exitValue();
    boolean began = version != null;
    if (!began && !ExitCode.fromOutside(code)) {
      return new TaskException(
          FailureKind.ENVIRONMENT,
          "Python cannot be used: " + kind.interpreter() + " ended with " + ExitCode.describe(code)
              + " before it was ready" + startError(),
          null);
    }
    FailureKind failure = FailureKind.WORKER_LOST;
    String hint = "";
    if (code == ExitCode.KILLED && MemoryKills.count() > (began ? killsBefore : killsAtStart)) {
      failure = FailureKind.OUT_OF_MEMORY;
      hint = "\nthe system killed a process for lack of memory meanwhile";
    }
    return new TaskException(
        failure,
        what + ": its Python process ended with " + ExitCode.describe(code)
            + (began ? " in the middle of it" : " before it was ready") + hint
            + taskLog.tail(),
        code == 0 ? null : code,
        null);
  }

  private String startError() {
    try (InputStream error = tree.process().getErrorStream()) {
      String text = new String(error.readNBytes(8192), StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? "" : ": " + text;
    } catch (IOException e) {
      return "";
    }
  }
}
