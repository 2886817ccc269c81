package dev.muster.internal.process;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A command that a {@link Launcher} runs. Thread-safe. */
final class LaunchedCommand implements RunningCommand {
  // A launcher that was stopped for two looks, and so for this long at least, is taken for dead.
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(4);

  final long number;
  final String mark = ProcessMark.next();
  private final Launcher launcher;
  private final Launch launch;
  private final List<Runnable> then = new ArrayList<>();
  private long pid;
  private @Nullable CommandEnd end;
  private @Nullable IOException failure;

  LaunchedCommand(Launcher launcher, Launch launch, long number) {
    this.launcher = launcher;
    this.launch = launch;
    this.number = number;
  }

  /** Returns its process; 0 if it is not known: it has run for a moment only. */
  synchronized long pid() {
    return pid;
  }

  Duration grace() {
    return launch.grace();
  }

  synchronized void started(long pid) {
    this.pid = pid;
    notifyAll();
  }

  void failed(String what, String error) {
    finish(null, new IOException(problem(what, error)));
  }

  void ended(CommandEnd end) {
    finish(end, null);
  }

  void lost(String why) {
    finish(new CommandEnd(ExitCode.KILLED, null, null, 0, 0, why), null);
  }

  private void finish(@Nullable CommandEnd end, @Nullable IOException failure) {
    List<Runnable> last;
    synchronized (this) {
      this.end = end;
      this.failure = failure;
      last = List.copyOf(then);
      then.clear();
      notifyAll();
    }
    last.forEach(Runnable::run);
  }

  private String problem(String what, String error) {
    return switch (what) {
      case "cwd" -> launch.cwd() + ": " + error;
      case "logs" -> "its logs in " + launch.logs().stdout().getParent() + ": " + error;
      case "stdin" -> launch.stdin() + ": " + error;
      default -> launch.argv().get(0) + ": " + error;
    };
  }

  @Override
  public CommandEnd await() throws IOException, InterruptedException {
    boolean stopped = false;
    while (true) {
      synchronized (this) {
        if (!over()) {
          wait(BETWEEN_LOOKS.toMillis());
        }
        if (failure != null) {
          throw failure;
        }
        if (end != null) {
          return end;
        }
      }
      boolean now = launcher.stopped();
      if (stopped && now) {
        launcher.kill("was stopped");
      }
      stopped = now;
    }
  }

  private synchronized boolean over() {
    return end != null || failure != null;
  }

  @Override
  public synchronized @Nullable CommandEnd end() {
    return end;
  }

  @Override
  public void atEnd(Runnable then) {
    synchronized (this) {
      if (!over()) {
        this.then.add(then);
        return;
      }
    }
    then.run();
  }

  @Override
  public void cancel() {
    if (!over()) {
      launcher.end(this, launch.grace());
    }
  }

  @Override
  public void close() {
    if (over()) {
      return;
    }
    cancel();
    boolean interrupted = !awaitOver(Launcher.patience(launch.grace()));
    if (!over()) {
      launcher.kill("did not answer");
      interrupted |= !awaitOver(Launcher.patience(launch.grace()));
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the end, but not longer than that. Returns false if the thread was interrupted meanwhile. */
  private synchronized boolean awaitOver(Duration limit) {
    boolean interrupted = Thread.interrupted();
    long deadline = System.nanoTime() + limit.toNanos();
    while (!over() && deadline - System.nanoTime() > 0) {
      try {
        TimeUnit.NANOSECONDS.timedWait(this, deadline - System.nanoTime());
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return !interrupted;
  }
}
