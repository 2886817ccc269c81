package dev.muster.batch.internal.engine;

import dev.muster.code.ShellWords;
import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.ChildProcess;
import dev.muster.internal.process.ProcessMark;
import dev.muster.internal.process.Programs;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends jobs when this JVM is gone, however it went.
 *
 * <p>A small shell process that ignores signals reads commands from a pipe. When the JVM ends, the kernel closes the
 * pipe, and the shell runs the commands that it was told and that were not dropped. It starts with the first command,
 * and starts anew if something has ended it. Thread-safe.
 */
final class Watchdog {
  private static final Logger log = LoggerFactory.getLogger(Watchdog.class);
  private static final String SCRIPT = script();

  /** Stands for the number of a command that it was not told. */
  static final int NONE = 0;

  /**
   * How hard it tries.
   *
   * @param rounds how often it goes through its commands at most
   * @param pause between two rounds
   */
  record Patience(int rounds, Duration pause) {
    static final Patience DEFAULT = new Patience(60, Duration.ofSeconds(10));
  }

  private final Map<String, String> environment;
  private final Path logFile;
  private final Patience patience;
  private final Duration limit;
  private final Map<Integer, String> commands = new TreeMap<>();
  private @Nullable Process process;
  private int lastNumber;
  private boolean closed;

  /**
   * Makes one that starts when it is first needed.
   *
   * @param environment the environment of the commands
   * @param logFile what it writes when it had to act
   * @param limit how long one command may take
   */
  Watchdog(Map<String, String> environment, Path logFile, Patience patience, Duration limit) {
    this.environment = environment;
    this.logFile = logFile;
    this.patience = patience;
    this.limit = limit;
  }

  /**
   * Tells it a command. When this returns, the command will be run if the JVM ends.
   *
   * @return the number by which to drop it
   */
  synchronized int add(List<String> command) {
    String line = ShellWords.join(command);
    if (line.indexOf('\n') >= 0 || line.indexOf('\0') >= 0) {
      throw new MusterException("a command that ends jobs cannot have a line break: " + line);
    }
    if (closed) {
      throw new MusterException("the batch system is closed");
    }
    int number = ++lastNumber;
    commands.put(number, line);
    if (process != null && process.isAlive() && say("add " + number + " " + line)) {
      return number;
    }
    restart();
    return number;
  }

  /** Takes a command back. */
  synchronized void drop(int number) {
    if (commands.remove(number) != null && process != null && !closed) {
      say("drop " + number);
    }
  }

  /**
   * Ends it.
   *
   * @param done whether there is nothing left to do; if not, it runs the commands that it still has, on its own
   */
  synchronized void close(boolean done) {
    if (closed) {
      return;
    }
    closed = true;
    Process shell = process;
    if (shell == null) {
      return;
    }
    if (done || commands.isEmpty()) {
      say("done");
    }
    try {
      shell.getOutputStream().close();
    } catch (IOException e) {
      log.debug("the watchdog had ended before: {}", IoErrors.describe(e));
    }
  }

  /** Returns its process, or null if none was needed so far; for tests. */
  synchronized @Nullable Process process() {
    return process;
  }

  private void restart() {
    if (process != null) {
      log.warn(
          "the process that cancels jobs when this one is gone (pid {}) was ended from outside; starting it anew",
          process.pid());
    }
    try {
      process = start();
    } catch (IOException e) {
      throw new MusterException(
          "cannot start the shell that cancels jobs when this process is gone: "
              + IoErrors.describe(e),
          e);
    }
    commands.forEach((number, line) -> {
      if (!say("add " + number + " " + line)) {
        throw new MusterException(
            "the shell that cancels jobs when this process is gone ends as soon as it starts; see "
                + logFile);
      }
    });
  }

  private Process start() throws IOException {
    List<String> argv = new ArrayList<>();
    Path setsid = Programs.find("setsid", null, null);
    if (setsid != null) {
      argv.add(setsid.toString()); // no signal of a terminal or to our group reaches it
    }
    argv.addAll(List.of(
        "/bin/sh",
        "-c",
        "script=$MUSTER_SCRIPT; unset MUSTER_SCRIPT; eval \"$script\"",
        "muster-watchdog",
        logFile.toString(),
        Integer.toString(patience.rounds()),
        seconds(patience.pause()),
        seconds(limit)));
    ProcessBuilder builder = new ProcessBuilder(argv).directory(new File("/"));
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().remove(ProcessMark.VARIABLE); // of a run that this one is a part of
    builder
        .environment()
        .put(
            "MUSTER_SCRIPT",
            SCRIPT); // as an argument it would fill the screen of whoever looks at processes
    builder.redirectError(ProcessBuilder.Redirect.appendTo(logFile.toFile()));
    Process shell = ChildProcess.start(builder);
    // Before that a signal would still end it.
    if (shell.getInputStream().read() < 0) {
      throw new IOException("it ended at once with exit code " + exitCode(shell));
    }
    return shell;
  }

  private static String exitCode(Process shell) {
    return shell.isAlive() ? "unknown" : Integer.toString(shell.exitValue());
  }

  private static String seconds(Duration time) {
    return Long.toString((time.toMillis() + 999) / 1000);
  }

  private boolean say(String line) {
    try {
      Process shell = process;
      if (shell == null) {
        return false;
      }
      OutputStream pipe = shell.getOutputStream();
      pipe.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      pipe.flush();
      return true;
    } catch (IOException e) {
      log.debug("the watchdog does not listen: {}", IoErrors.describe(e));
      return false;
    }
  }

  private static String script() {
    try (InputStream in = Watchdog.class.getResourceAsStream("watchdog.sh")) {
      if (in == null) {
        throw new IllegalStateException("watchdog.sh is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw IoErrors.unchecked("watchdog.sh cannot be read from the jar", e);
    }
  }
}
