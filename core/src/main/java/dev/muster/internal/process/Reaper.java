package dev.muster.internal.process;

import dev.muster.internal.io.IoErrors;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the processes that this JVM has started when the JVM is gone, however it went.
 *
 * <p>One small shell process that ignores signals reads pids from a pipe. When the JVM ends, the kernel closes the
 * pipe, and the shell ends what it was told and what was not taken back, and everything that has a {@link ProcessMark}
 * of this JVM. It starts with the first process and ends when it is {@linkplain #finish told to}, or with the JVM. Not
 * thread-safe: the {@link ProcessGuard} sees to that.
 */
final class Reaper {
  private static final Logger log = LoggerFactory.getLogger(Reaper.class);
  private static final long PATIENCE_SECONDS = 2;
  private static final Path SHELL = Path.of("/bin/sh");

  private final Set<Long> pids = new TreeSet<>();
  private @Nullable Process shell;
  private boolean broken;

  /** Makes sure that there is one that ends what starts from now on. */
  void expect() {
    if (shell == null || !shell.isAlive()) {
      restart();
    }
  }

  /** Adds a process that leads a session, or where there are none stands for itself. */
  void add(long pid) {
    pids.add(pid);
    Process reader = shell;
    if (reader != null && reader.isAlive() && say(reader, "+ " + pid)) {
      return;
    }
    restart();
  }

  /** Takes a process back. */
  void remove(long pid) {
    Process reader = shell;
    if (pids.remove(pid) && reader != null) {
      boolean unused = say(reader, "- " + pid); // if it does not listen, the next one hears all
    }
  }

  /** Says that this JVM ends in order, and that nothing is left but what was told. */
  void leave() {
    if (shell != null) {
      boolean unused = say(shell, "."); // one that does not listen is no more
    }
  }

  /** Lets the shell end if no process is left to it; returns it, or null if there is none. */
  @Nullable
  Process finish() {
    Process ending = shell;
    if (ending == null || !pids.isEmpty()) {
      return null;
    }
    shell = null;
    boolean unused = say(ending, "."); // one that does not listen is no more
    try {
      ending.getOutputStream().close();
    } catch (IOException e) {
      log.debug("the reaper has ended before: {}", IoErrors.describe(e));
    }
    return ending;
  }

  /** Waits until a shell that was let go has ended; not for long, and not once the thread is interrupted. */
  static void awaitEnd(@Nullable Process ending) {
    try {
      if (ending != null && !ending.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        log.warn("the reaper (process {}) does not end and is killed", ending.pid());
        ending.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void restart() {
    if (broken || !SHELL.toFile().canExecute()) {
      return;
    }
    try {
      Process reader = start();
      shell = reader;
      for (long each : pids) {
        if (!say(reader, "+ " + each)) {
          throw new IOException("it ends as soon as it starts");
        }
      }
    } catch (IOException e) {
      broken = true;
      log.warn(
          "child processes will live on if this process is killed: the shell that would end them cannot be started: {}",
          IoErrors.describe(e));
    }
  }

  private static Process start() throws IOException {
    List<String> argv = new ArrayList<>();
    Path setsid = Programs.find("setsid", null, null);
    if (setsid != null) {
      argv.add(setsid.toString()); // no signal of a terminal or to our group reaches it
    }
    argv.addAll(List.of(
        SHELL.toString(),
        "-c",
        "script=$MUSTER_SCRIPT; unset MUSTER_SCRIPT; eval \"$script\"",
        "muster-reaper",
        Long.toString(ProcessTree.DEFAULT_GRACE.toSeconds()),
        ProcessMark.VARIABLE + "=" + ProcessMark.ofJvm()));
    ProcessBuilder builder = new ProcessBuilder(argv)
        .directory(new File("/"))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD);
    // As an argument it would fill the screen of whoever looks at processes.
    ChildProcess.withoutToken(builder);
    builder.environment().remove(ProcessMark.VARIABLE); // of a run that this one is a part of
    builder.environment().put("MUSTER_SCRIPT", script());
    return ChildProcess.start(builder);
  }

  private static boolean say(Process reader, String line) {
    try {
      reader.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      reader.getOutputStream().flush();
      return true;
    } catch (IOException e) {
      log.debug("the reaper does not listen: {}", IoErrors.describe(e));
      return false;
    }
  }

  private static String script() {
    try (InputStream in = Reaper.class.getResourceAsStream("reaper.sh")) {
      if (in == null) {
        throw new IllegalStateException("reaper.sh is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw IoErrors.unchecked("reaper.sh cannot be read from the jar", e);
    }
  }
}
