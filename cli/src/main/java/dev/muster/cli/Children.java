package dev.muster.cli;

import java.util.Arrays;
import java.util.List;

/**
 * The processes that this one has started, with theirs. Those that clean up when this one is gone, cancelling jobs in a
 * batch system for example, are to live on for that: they end by themselves.
 */
final class Children {
  private static final List<String> CLEANERS = List.of("muster-watchdog", "muster-reaper");

  private Children() {}

  /** Ends them at once. */
  static void end() {
    ProcessHandle.current()
        .descendants()
        .filter(child -> !cleans(child))
        .forEach(ProcessHandle::destroyForcibly);
  }

  private static boolean cleans(ProcessHandle child) {
    return child.info().arguments().stream().flatMap(Arrays::stream).anyMatch(CLEANERS::contains);
  }
}
