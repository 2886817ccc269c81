package dev.muster.internal.operation;

import dev.muster.internal.process.Launchers;
import dev.muster.spi.WorkerCredentials;
import java.util.function.Supplier;

/** What the operations of one run share that start commands. Thread-safe. */
public interface CommandHost {
  /** Returns the id of the run. */
  String run();

  /** Returns what starts commands on this machine. */
  Launchers launchers();

  /** Returns what commands have. */
  WorkerCredentials credentials();

  /** Returns the one of a type that all share: made when first asked for, closed at the end of the run. */
  <T extends AutoCloseable> T shared(Class<T> type, Supplier<T> maker);
}
