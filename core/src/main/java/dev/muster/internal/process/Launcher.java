package dev.muster.internal.process;

import dev.muster.internal.io.IoErrors;
import dev.muster.internal.thread.RunThreads;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small Python process that starts commands, one at a time, measures them, and ends all that each leaves behind; see
 * {@code launcher.py} for what it does and for its messages. It ends with its standard input, and what it runs with it.
 * Thread-safe.
 */
final class Launcher {
  private static final Logger log = LoggerFactory.getLogger(Launcher.class);
  private static final String SOURCE = "/dev/muster/internal/operation/muster_task/launcher.py";
  private static final String BOOT = """
      import os, sys
      def read(count):
          data = b""
          while len(data) < count:
              part = os.read(0, count - len(data))
              if not part:
                  sys.exit(0)
              data += part
          return data
      exec(compile(read(int.from_bytes(read(4), "big")), "<launcher>", "exec"))
      """;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration FOR_AN_ANSWER = Duration.ofSeconds(8);
  private static final int LONGEST_REPLY = 1 << 20;

  // What it does not inherit, and commands do.
  private static final Map<String, String> KEPT_BACK = keptBack();

  private final ProcessTree tree;
  private final DataOutputStream calls;
  private final Launchers pool;
  private boolean ready;
  private boolean over;
  private @Nullable String why;
  private @Nullable LaunchedCommand current;
  private long last;

  private Launcher(ProcessTree tree, Launchers pool) {
    this.tree = tree;
    this.calls = new DataOutputStream(tree.process().getOutputStream());
    this.pool = pool;
  }

  private static Map<String, String> keptBack() {
    Map<String, String> kept = new HashMap<>(SystemText.inherited());
    kept.keySet().retainAll(Set.of(ProcessMark.VARIABLE, ChildProcess.TOKEN));
    return Map.copyOf(kept);
  }

  /**
   * Starts one, and waits until it is ready.
   *
   * @param pool what it belongs to
   * @param run the id of the run that it is for
   * @throws IOException if it cannot be started, or cannot do what it has to on this system; says why
   */
  static Launcher start(Path python, Launchers pool, String run)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(
            python.toString(), "-I", "-S", "-B", "-c", BOOT, "muster-launcher")
        .directory(new File("/"))
        .redirectError(ProcessBuilder.Redirect.DISCARD);
    ChildProcess.withoutToken(builder);
    ProcessTree tree = ProcessTree.startUnmarked(builder, ProcessTree.DEFAULT_GRACE);
    Launcher launcher = new Launcher(tree, pool);
    tree.warnedBy(launcher::finish);
    RunThreads.daemon("launcher-" + tree.process().pid(), run, launcher::read).start();
    boolean started = false;
    try {
      byte[] source = Source.TEXT;
      launcher.send(source);
      launcher.awaitReady(python);
      started = true;
      return launcher;
    } finally {
      if (!started) {
        tree.close();
      }
    }
  }

  /** Read when the first is started. */
  private static final class Source {
    static final byte[] TEXT = read();

    private static byte[] read() {
      try (InputStream in = Launcher.class.getResourceAsStream(SOURCE)) {
        if (in == null) {
          throw new IllegalStateException(SOURCE + " is missing from the jar");
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw IoErrors.unchecked(SOURCE + " cannot be read from the jar", e);
      }
    }
  }

  private synchronized void awaitReady(Path python) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!ready && !over) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new IOException(python + " is not ready after " + PATIENCE.toSeconds() + " seconds");
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    if (over) {
      throw new IOException(python + " " + why);
    }
  }

  /** Starts a command. Its end, or that it cannot be started, is known later. */
  RunningCommand run(Launch launch) {
    LaunchedCommand command;
    synchronized (this) {
      command = new LaunchedCommand(this, launch, ++last);
      current = command;
      if (over) {
        command.lost(lostText());
        return command;
      }
    }
    try {
      send(message(launch, command.mark, command.number));
    } catch (IOException e) {
      log.debug("the launcher does not listen, and will be lost: {}", IoErrors.describe(e));
    }
    return command;
  }

  private static byte[] message(Launch launch, String mark, long number) {
    Message message = new Message();
    message.add("run", Long.toString(number), launch.cwd().toString());
    message.add(launch.stdin() == null ? "" : launch.stdin().toString());
    message.add(launch.logs().stdout().toString(), launch.logs().stderr().toString());
    message.add(launch.logs().lazy() ? "1" : "0", Long.toString(launch.grace().toMillis()));
    message.add(launch.measured() ? "1" : "0", Integer.toString(launch.argv().size()));
    launch.argv().forEach(message::add);
    // The last of a name counts.
    launch.environment().unset().forEach(message::add);
    KEPT_BACK.forEach((name, value) -> {
      if (value.equals(launch.environment().get(name))) {
        message.variable(name, value);
      }
    });
    launch.environment().own().forEach(message::variable);
    launch.marks().forEach(name -> message.variable(name, mark));
    return message.bytes.toByteArray();
  }

  /** Asks for the end of a command. */
  void end(LaunchedCommand command, Duration grace) {
    Message message = new Message();
    message.add("end", Long.toString(command.number), Long.toString(grace.toMillis()));
    try {
      send(message.bytes.toByteArray());
    } catch (IOException e) {
      log.debug("the launcher does not listen, and will be lost: {}", IoErrors.describe(e));
    }
  }

  /** Returns how long it is waited for, when it was asked to end a command. */
  static Duration patience(Duration grace) {
    return grace.plus(FOR_AN_ANSWER);
  }

  private void send(byte[] message) throws IOException {
    synchronized (calls) {
      calls.writeInt(message.length);
      calls.write(message);
      calls.flush();
    }
  }

  /** Tells whether a signal has stopped it, so that it does nothing until another one lets it go on. */
  boolean stopped() {
    return ProcessTable.stopped(tree.process().pid());
  }

  /** Ends it and what it runs, whether it listens or not: what it runs is lost. Returns when all have ended. */
  void kill(String reason) {
    synchronized (this) {
      why = why == null ? reason : why;
    }
    tree.close();
  }

  /** Tells whether it can run a command. */
  synchronized boolean usable() {
    return !over && tree.process().isAlive();
  }

  /** Tells it that nothing more will come: it ends what runs, and itself. */
  void finish() {
    try {
      tree.process().getOutputStream().close();
    } catch (IOException e) {
      log.debug("the launcher has ended before: {}", IoErrors.describe(e));
    }
  }

  /** Waits until one that was told to finish has ended, and ends it after a time. */
  void awaitEnd() {
    boolean interrupted = Thread.interrupted();
    try {
      tree.process().waitFor(patience(ProcessTree.DEFAULT_GRACE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    tree.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try (DataInputStream in = new DataInputStream(tree.process().getInputStream())) {
      while (true) {
        int length = in.readInt();
        if (length < 0 || length > LONGEST_REPLY) {
          throw new IOException("a message of " + length + " bytes");
        }
        String text = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        receive(List.of(text.split("\0", -1)));
      }
    } catch (IOException | RuntimeException e) {
      log.debug("launcher {} has ended", tree.process().pid(), e);
    } finally {
      gone();
    }
  }

  private void receive(List<String> fields) {
    String what = fields.get(0);
    if (what.equals("ready")) {
      synchronized (this) {
        ready = true;
        notifyAll();
      }
      return;
    }
    LaunchedCommand command;
    boolean ended = !what.equals("started");
    synchronized (this) {
      command = current;
      if (command == null || !fields.get(1).equals(Long.toString(command.number))) {
        throw new IllegalStateException("a message of no command: " + fields);
      }
      if (ended) {
        current = null;
      }
    }
    if (!ended) {
      command.started(Long.parseLong(fields.get(2)));
      return;
    }
    // The first to know is the pool, so that whoever waits for this command finds a free launcher.
    boolean failed = what.equals("failed");
    List<String> left = failed ? List.of() : fields.subList(7, fields.size() - 1);
    if (left.isEmpty()) {
      pool.idle(this);
    } else {
      log.warn("processes {} cannot be ended", left);
    }
    if (failed) {
      command.failed(fields.get(2), fields.get(3));
    } else {
      command.ended(end(fields));
    }
  }

  private static CommandEnd end(List<String> fields) {
    int status = Integer.parseInt(fields.get(2));
    int signal = status & 0x7f;
    return new CommandEnd(
        signal == 0 ? status >> 8 & 0xff : 128 + signal,
        Long.parseLong(fields.get(3)) / 1e6,
        fields.get(4).isEmpty() ? null : Long.valueOf(fields.get(4)),
        Long.parseLong(fields.get(5)),
        Long.parseLong(fields.get(6)),
        null);
  }

  // What it ran is looked for by its session and its mark: it has other parents now.
  private void gone() {
    int code = exitCode();
    LaunchedCommand command;
    synchronized (this) {
      over = true;
      why = why == null ? "ended with " + ExitCode.describe(code) : why;
      command = current;
      current = null;
      notifyAll();
    }
    pool.gone(this);
    if (command != null) {
      Set<Long> sessions = command.pid() == 0 ? Set.of() : Set.of(command.pid());
      boolean unused = new Ending(
              new ProcessTable.Kin(sessions, Set.of(command.mark)), List.of(), 0)
          .run(command.grace());
      command.lost(lostText());
    }
    tree.close();
  }

  private int exitCode() {
    try {
      if (tree.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        return tree.process().exitValue();
      }
    } catch (InterruptedException e) {
      log.debug("nobody knows this thread", e);
    }
    tree.close();
    return tree.process().exitValue();
  }

  private synchronized String lostText() {
    return "the process that looked after it (" + tree.process().pid() + ") " + why;
  }

  /** The fields of a message. */
  private static final class Message {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);

    void add(String... fields) {
      for (String field : fields) {
        if (field.indexOf('\0') >= 0) { // It would be two fields.
          throw new IllegalArgumentException("a field has a NUL character");
        }
        bytes.writeBytes(field.getBytes(StandardCharsets.UTF_8));
        bytes.write(0);
      }
    }

    void variable(String name, String value) {
      add(name + "=" + value);
    }
  }
}
