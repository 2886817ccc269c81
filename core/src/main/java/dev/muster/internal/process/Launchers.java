package dev.muster.internal.process;

import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the commands of a run. Each has one of its {@linkplain Launcher launchers} for itself, which serves the next
 * one afterwards: there are as many as commands have run at once, and none before the first. Where there is no Python
 * 3.8, or where it cannot do what it has to, this JVM starts commands itself. Thread-safe.
 */
public final class Launchers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Launchers.class);
  private static final Path USUAL_PYTHON = Path.of("/usr/bin/python3");

  private final String run;
  private final Deque<Launcher> idle = new ArrayDeque<>();
  private final Set<Launcher> all = new LinkedHashSet<>();
  private @Nullable Path python;
  private boolean closed;

  /**
   * Makes one that has started nothing.
   *
   * @param run the id of the run
   */
  public Launchers(String run) {
    // The system's own: others may be scripts that choose one, or have much to import.
    this(
        run,
        Files.isExecutable(USUAL_PYTHON) ? USUAL_PYTHON : Programs.find("python3", null, null));
  }

  /** Makes one with that Python, or without any. */
  Launchers(String run, @Nullable Path python) {
    this.run = run;
    this.python = python;
  }

  /**
   * Starts a command. That it cannot be started may be known only later: then waiting for it says so. Whether the
   * system takes its arguments and variables was checked before, by {@link CommandSize} and {@link SystemText}.
   *
   * @throws IOException if it cannot be started
   */
  public RunningCommand start(Launch launch) throws IOException, InterruptedException {
    Launcher launcher = launch.marks().isEmpty() ? null : take();
    return launcher == null ? PlainCommand.start(launch, run) : launcher.run(launch);
  }

  private @Nullable Launcher take() throws InterruptedException {
    Path python;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the run is over");
      }
      while (!idle.isEmpty()) {
        Launcher launcher = idle.pop();
        if (launcher.usable()) {
          return launcher;
        }
      }
      python = this.python;
    }
    return python == null ? null : more(python);
  }

  private @Nullable Launcher more(Path python) throws InterruptedException {
    try {
      Launcher launcher = Launcher.start(python, this, run);
      synchronized (this) {
        if (!closed) {
          all.add(launcher);
          return launcher;
        }
      }
      launcher.finish();
      launcher.awaitEnd();
      throw new IllegalStateException("the run is over");
    } catch (IOException e) {
      log.info(
          "commands are started without a launcher, which takes longer, and what they use is not measured: {}",
          IoErrors.describe(e));
      synchronized (this) {
        this.python = null;
      }
      return null;
    }
  }

  /** Takes back a launcher that runs nothing. */
  synchronized void idle(Launcher launcher) {
    if (!closed) {
      idle.push(launcher);
    }
  }

  /** Forgets one that has ended. */
  synchronized void gone(Launcher launcher) {
    idle.remove(launcher);
    all.remove(launcher);
  }

  /** Ends all launchers, and what they run; returns when they have ended. Idempotent. */
  @Override
  public void close() {
    List<Launcher> open;
    synchronized (this) {
      closed = true;
      idle.clear();
      open = List.copyOf(all);
    }
    open.forEach(Launcher::finish);
    open.forEach(Launcher::awaitEnd);
  }
}
