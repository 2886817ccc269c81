package dev.muster.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/**
 * What Ctrl-C and SIGTERM do: the first ends the process in order, through its shutdown hooks, the second at once. Both leave with
 * 128 and the signal's number, 130 for Ctrl-C.
 *
 * <p>The JVM's own handlers do the first half; during a shutdown they only wait for it. That is why these exist.
 */
final class Signals {
  private static final int BASE = 128;
  private static final AtomicBoolean ENDING = new AtomicBoolean();

  private Signals() {}

  /** Takes the two signals over; where that is not possible the JVM's handlers stay. */
  static void install() {
    for (String name : new String[] {"INT", "TERM"}) {
      try {
        Signal.handle(new Signal(name), signal -> received(signal.getNumber()));
      } catch (IllegalArgumentException e) {
        continue; // a JVM with -Xrs, or a system without that signal
      }
    }
  }

  private static void received(int number) {
    if (ENDING.compareAndSet(false, true)) {
      System.exit(BASE + number);
    } else {
      ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
      Runtime.getRuntime().halt(BASE + number);
    }
  }

  /** Calls {@code resized} whenever the terminal's size changes; where that cannot be known, never. */
  static void onResize(Runnable resized) {
    try {
      Signal.handle(new Signal("WINCH"), signal -> resized.run());
    } catch (IllegalArgumentException e) {
      return; // a system without that signal: the size stays as it was at the start
    }
  }
}
