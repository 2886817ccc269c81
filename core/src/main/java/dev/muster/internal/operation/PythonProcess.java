package dev.muster.internal.operation;

import dev.muster.internal.json.Wire;
import dev.muster.internal.process.ExitCode;
import dev.muster.internal.process.ProcessTree;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Python process that carries out calls, one at a time.
 *
 * <p>Frames of JSON go in through its standard input and out through its standard output, each after its length. A thread reads what comes out,
 * so that the caller can be interrupted. Used by one thread at a time.
 */
final class PythonProcess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PythonProcess.class);
  private static final String WORKER = "muster_worker.py";
  private static final byte[] SOURCE = source();
  // Reads the worker's source from standard input: nothing has to be installed, or left behind, on
  // disk.
  private static final String BOOT = """
      import os, sys
      if sys.version_info < (3, 8):
          sys.exit("Python 3.8 or newer is needed, this is " + sys.version.split()[0])
      def read(count):
          data = b""
          while len(data) < count:
              part = os.read(0, count - len(data))
              if not part:
                  sys.exit(0)
              data += part
          return data
      source = read(int.from_bytes(read(4), "big")).decode("utf-8")
      import linecache, types
      module = types.ModuleType("muster_worker")
      linecache.cache["<muster_worker>"] = (len(source), None, source.splitlines(True), "<muster_worker>")
      sys.modules["muster_worker"] = module
      exec(compile(source, "<muster_worker>", "exec"), module.__dict__)
      module.main()
      """;
  private static final int QUEUED_FRAMES = 64;
  private static final byte[] END = new byte[0];

  /**
   * What a process needs to have to serve a stage.
   *
   * @param interpreter the Python interpreter
   * @param variables environment variables, in addition to this JVM's
   * @param unset those of this JVM's environment variables that it does not get
   * @param directory the folder in which it works, the first that modules are looked for in
   */
  record Kind(Path interpreter, Map<String, String> variables, List<String> unset, Path directory) {
    /** Says nothing of the variables' values: they may be secrets. */
    @Override
    public String toString() {
      return interpreter + " in " + directory + " with " + variables.keySet();
    }
  }

  private final Kind kind;
  private final ProcessTree tree;
  private final DataOutputStream calls;
  private final BlockingQueue<byte[]> frames = new ArrayBlockingQueue<>(QUEUED_FRAMES);
  private volatile boolean closed;
  private @Nullable String version;
  private boolean answering;

  private PythonProcess(Kind kind, ProcessTree tree) {
    this.kind = kind;
    this.tree = tree;
    this.calls = new DataOutputStream(tree.process().getOutputStream());
  }

  /**
   * Starts a process; does not wait until it is ready.
   *
   * @throws TaskException if it cannot be started
   */
  static PythonProcess start(Kind kind, Duration grace) {
    ProcessBuilder builder = new ProcessBuilder(kind.interpreter().toString(), "-c", BOOT);
    builder.directory(kind.directory().toFile());
    builder.environment().keySet().removeAll(kind.unset());
    builder.environment().putAll(kind.variables());
    ProcessTree tree;
    try {
      tree = ProcessTree.start(builder, grace);
    } catch (IOException e) {
      throw new TaskException(
          FailureKind.ENVIRONMENT,
          "Python cannot be started: " + kind.interpreter() + " in " + kind.directory() + ": "
              + e.getMessage(),
          e);
    }
    PythonProcess process = new PythonProcess(kind, tree);
    Thread reader = new Thread(process::read, "muster-python-" + tree.process().pid());
    reader.setDaemon(true);
    reader.start();
    // What a dead process has left behind would keep its output open.
    tree.closeAtEnd();
    try {
      process.write(SOURCE);
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
      byte[] frame = frames.take();
      if (frame == END) {
        throw died(what, taskLog, kills);
      }
      if (!(Wire.decode(frame) instanceof Map<?, ?> message)) {
        throw new TaskException(
            FailureKind.BACKEND, "the Python worker sent a frame that is no message", null);
      }
      switch (String.valueOf(message.get("type"))) {
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
              null);
        }
        default ->
          throw new TaskException(
              FailureKind.BACKEND,
              "the Python worker sent a message of type " + message.get("type"),
              null);
      }
    }
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
    calls.write(frame);
    calls.flush();
  }

  private void read() {
    try (DataInputStream in = new DataInputStream(tree.process().getInputStream())) {
      while (true) {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        frames.put(frame);
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
    if (version == null) {
      return new TaskException(
          FailureKind.ENVIRONMENT,
          "Python cannot be used: " + kind.interpreter() + " ended with " + ExitCode.describe(code)
              + " before it was ready" + startError(),
          null);
    }
    FailureKind failure = FailureKind.WORKER_LOST;
    String hint = "";
    if (code == ExitCode.KILLED && MemoryKills.count() > killsBefore) {
      failure = FailureKind.OUT_OF_MEMORY;
      hint = "\nthe system killed a process for lack of memory meanwhile";
    }
    return new TaskException(
        failure,
        what + ": its Python process ended with " + ExitCode.describe(code) + " in the middle of it"
            + hint + taskLog.tail(),
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

  private static byte[] source() {
    try (InputStream in = PythonProcess.class.getResourceAsStream(WORKER)) {
      if (in == null) {
        throw new IllegalStateException(WORKER + " is missing from the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
