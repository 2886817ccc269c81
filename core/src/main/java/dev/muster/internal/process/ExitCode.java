package dev.muster.internal.process;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads exit codes. Thread-safe. */
public final class ExitCode {
  /** What a shell returns for a command that it cannot find. */
  public static final int NOT_FOUND = 127;

  /** What is seen of a process that was ended by {@code SIGKILL}. */
  public static final int KILLED = 128 + 9;

  private static final Set<Integer> FROM_OUTSIDE = Set.of(128 + 1, 128 + 2, KILLED, 128 + 15);

  private static final Map<Integer, String> SIGNALS = Map.ofEntries(
      Map.entry(1, "SIGHUP"),
      Map.entry(2, "SIGINT"),
      Map.entry(3, "SIGQUIT"),
      Map.entry(4, "SIGILL"),
      Map.entry(5, "SIGTRAP"),
      Map.entry(6, "SIGABRT"),
      Map.entry(8, "SIGFPE"),
      Map.entry(9, "SIGKILL"),
      Map.entry(11, "SIGSEGV"),
      Map.entry(13, "SIGPIPE"),
      Map.entry(14, "SIGALRM"),
      Map.entry(15, "SIGTERM"));

  private ExitCode() {}

  /**
   * Returns the name of the signal that an exit code stands for, for example {@code SIGKILL} for 137; null if it stands
   * for none.
   */
  public static @Nullable String signal(int code) {
    if (code <= 128 || code > 128 + 64) {
      return null;
    }
    return SIGNALS.getOrDefault(code - 128, "signal " + (code - 128));
  }

  /**
   * Tells whether an exit code is that of a signal which others send, and none that a program draws upon itself:
   * SIGHUP, SIGINT, SIGKILL or SIGTERM.
   */
  public static boolean fromOutside(int code) {
    return FROM_OUTSIDE.contains(code);
  }

  /** Returns for example {@code exit code 3}, or {@code exit code 137 (SIGKILL)}. */
  public static String describe(int code) {
    String signal = signal(code);
    return "exit code " + code + (signal == null ? "" : " (" + signal + ")");
  }
}
