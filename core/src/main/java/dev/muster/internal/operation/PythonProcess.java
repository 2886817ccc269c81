package dev.muster.internal.operation;

import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.ExitCode;
import dev.muster.internal.process.MemoryKills;
import dev.muster.internal.process.ProcessTree;
import dev.muster.internal.thread.RunThreads;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.spi.CodeFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Python process that carries out groups of calls, one call at a time.
 *
 * <p>Frames go in through its standard input and out through its standard output. What is no message of the call that
 * runs ends the process. Used by one thread at a time.
 */
final class PythonProcess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PythonProcess.class);
  private static final long UNTIL_RECALL_NANOS = 20_000_000;
  private static final long UNTIL_SLOW_NANOS = 1_000_000_000;

  /**
   * What a process needs to have to serve a stage.
   *
   * @param interpreter the Python interpreter
   * @param variables environment variables, in addition to this JVM's
   * @param unset those of this JVM's environment variables that it does not get
   * @param directory the folder in which it works, the first that modules are looked for in
   * @param whole whether it has all of the code, for commands and the built-in modifiers, and not only that for
   *     functions
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
  private final PythonChannel channel;
  private final Set<Integer> kept = new HashSet<>();
  private final long killsAtStart = MemoryKills.before();
  private volatile boolean closed;
  private volatile @Nullable TaskLog printed;
  private @Nullable String version;
  private long open;
  private boolean unfit;
  private CodeFiles code = CodeFiles.NONE;
  private boolean toldCode;
  private volatile @Nullable PythonProcesses served;
  private volatile long checked = System.nanoTime();
  private double micros;
  private long number = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE / 2);

  private PythonProcess(Kind kind, ProcessTree tree) {
    this.kind = kind;
    this.tree = tree;
    this.channel = new PythonChannel(tree.process().getOutputStream());
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
    Runnable reader = () -> process.channel.read(tree.process().getInputStream());
    RunThreads.daemon("python-" + tree.process().pid(), run, reader).start();
    // What a dead process has left behind would keep its output open.
    tree.closeAtEnd(run);
    try {
      process.channel.write(PythonSources.of(kind));
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

    void code(CodeFiles files);
  }

  /** Makes a group of calls; tells the process first where to print to, with which a run begins there. */
  PythonChannel.Group group(Path folder) {
    PythonChannel.Group group = new PythonChannel.Group();
    if (printed == null) {
      String prefix = folder.resolve(".python-" + tree.process().pid()).toString();
      printed = new TaskLog(Path.of(prefix + ".stdout"), Path.of(prefix + ".stderr"));
      group.log(prefix.getBytes(StandardCharsets.UTF_8));
    }
    return group;
  }

  /** Adds JSON that calls name by its id, unless the process has it; returns whether it has. */
  boolean keep(PythonChannel.Group group, int id, byte[] json) {
    if (kept.add(id)) {
      group.keep(id, json);
      return false;
    }
    return true;
  }

  /** Takes numbers for calls; returns the first. */
  long numbers(int calls) {
    long first = number + 1;
    number += calls;
    return first;
  }

  /** Begins with a group of calls. */
  void send(PythonChannel.Group group, int calls) {
    open = calls;
    try {
      channel.write(group);
    } catch (IOException e) {
      // It has ended; the frames that it has left and its exit code say more.
      log.trace("Python process {} takes no calls", tree.process().pid(), e);
    }
  }

  /** A call that was sent. */
  interface Sent {
    /** Returns its number. */
    long number();

    /** Returns the call in words, for messages. */
    String what();

    /** Returns its log, whose end is in the message when the process dies. */
    TaskLog log();

    /** Returns who receives what it says. */
    Listener listener();

    /** Tells whether calls wait behind it. */
    boolean waiting();

    /** Says that the process will not begin the calls behind it with these numbers; returns how many there are. */
    int recalled(long first, long last);
  }

  /**
   * Waits for the answer to a call.
   *
   * @return the output
   * @throws TaskException if the call failed or the process died
   * @throws InterruptedException if the thread was interrupted; the process has to be closed then, as after its death
   */
  @Nullable
  Object answer(Sent call) throws InterruptedException {
    boolean answered = false;
    try {
      Map<?, ?> message = await(call);
      answered = true;
      open--;
      if ("result".equals(message.get("type"))) {
        micros = number(message.get("us"));
        call.listener().code(code);
        toldCode = !code.files().isEmpty();
        return message.get("output");
      }
      toldCode = false; // what it has loaded until then is told with the next result
      throw new TaskException(
          FailureKind.valueOf(String.valueOf(message.get("kind"))),
          call.what() + ": " + message.get("message"),
          message.get("exit_code") instanceof Number code ? code.intValue() : null,
          null);
    } finally {
      unfit |= !answered;
    }
  }

  private Map<?, ?> await(Sent call) throws InterruptedException {
    long kills = MemoryKills.before();
    long patience = UNTIL_SLOW_NANOS;
    boolean recall = call.waiting() && version != null;
    while (true) {
      PythonChannel.Frame frame = channel.poll(recall ? UNTIL_RECALL_NANOS : patience);
      if (frame == null) {
        slow();
        patience = recall ? patience : 2 * patience; // a process that does not read takes few
        recall = false;
        continue;
      }
      if (frame.isEnd()) {
        throw died(call, kills);
      }
      Object value = frame.value();
      if (frame.number() == PythonChannel.RECALLED && value instanceof List<?> range) {
        recalled(range, call);
        continue;
      }
      Map<?, ?> message = value instanceof Map<?, ?> map ? map : Map.of();
      String type = String.valueOf(message.get("type"));
      long expected = type.equals("hello") ? PythonChannel.NO_CALL : call.number();
      if (frame.number() != expected) {
        throw foreign(call, "bytes that are no message of this call");
      }
      if (type.equals("result") || type.equals("error")) {
        return message;
      }
      said(type, message, call);
      recall |= type.equals("hello") && call.waiting();
    }
  }

  private void recalled(List<?> range, Sent call) {
    if (range.size() == 2
        && range.get(0) instanceof Long first
        && range.get(1) instanceof Long end) {
      open -= call.recalled(first, end);
    } else {
      throw foreign(call, "a message that cannot be read");
    }
  }

  private void said(String type, Map<?, ?> message, Sent call) {
    switch (type) {
      case "hello" -> version = String.valueOf(message.get("python"));
      case "log" -> call.listener().log(String.valueOf(message.get("message")));
      case "diagnostic" ->
        call.listener().diagnostic(String.valueOf(message.get("name")), message.get("value"));
      case "usage" ->
        call.listener()
            .usage(number(message.get("cpu_seconds")), (long) number(message.get("peak_bytes")));
      case "last" -> unfit = true;
      case "code" -> code = code.and(message.get("files"));
      default -> throw foreign(call, "a message of type " + type);
    }
  }

  private void slow() {
    try {
      channel.slow();
    } catch (IOException e) {
      log.trace("Python process {} has ended", tree.process().pid(), e);
    }
  }

  /** Returns how long the function of the last call took that succeeded, in microseconds. */
  double micros() {
    return micros;
  }

  /** Tells whether it can go on with the calls that it has. */
  boolean fit() {
    return !unfit;
  }

  /** Ends the process: what comes out of it cannot be told from what something else writes into its protocol. */
  private TaskException foreign(Sent call, String seen) {
    close(call.log());
    return new TaskException(
        FailureKind.BACKEND,
        call.what() + ": " + seen
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

  /**
   * Makes it serve a run, or none for now; what it has of the one before is deleted and forgotten. Called between
   * calls.
   */
  void serve(@Nullable PythonProcesses run) {
    if (served == run) {
      return;
    }
    served = run;
    TaskLog own = printed;
    printed = null;
    kept.clear();
    if (own != null) {
      own.delete();
    }
  }

  /** Tells whether it serves this run. */
  boolean serves(PythonProcesses run) {
    return served == run;
  }

  /** Returns when its code was last known to be as it is in its files, in terms of {@link System#nanoTime}. */
  long checked() {
    return checked;
  }

  void checked(long nanoTime) {
    checked = nanoTime;
  }

  /** Tells whether it has told the files of all the code that it has loaded. */
  boolean toldCode() {
    return toldCode;
  }

  /** Returns the files of the code that it has loaded, as far as it was asked for them. */
  CodeFiles code() {
    return code;
  }

  /** Returns what it was started for. */
  Kind kind() {
    return kind;
  }

  /** Tells whether it can carry out a call: it lives, and all that it had were answered. */
  boolean ready() {
    return open == 0 && !unfit && !closed && tree.process().isAlive();
  }

  /**
   * Ends it: lets it end by itself for a moment if it is idle, and kills it and all that it started otherwise.
   * Idempotent.
   */
  @Override
  public void close() {
    end(null);
  }

  /** Ends it in the middle of a call; what that has printed goes where it belongs. */
  void close(TaskLog place) {
    end(place);
  }

  private void end(@Nullable TaskLog place) {
    closed = true;
    tree.close();
    channel.close();
    TaskLog own = printed;
    if (own != null) {
      if (place != null) {
        own.moveTo(place);
      }
      own.delete();
    }
  }

  /** Tells an idle process that no more calls will come, so that it ends by itself. */
  void finish() {
    closed = true;
    try {
      channel.finish();
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

  private TaskException died(Sent call, long killsBefore) throws InterruptedException {
    tree.process().waitFor(5, TimeUnit.SECONDS);
    close(call.log());
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
        call.what() + ": its Python process ended with " + ExitCode.describe(code)
            + (began ? " in the middle of it" : " before it was ready") + hint
            + call.log().tail(),
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
