package dev.muster.dask;

import java.util.Map;

/** The way to a bridge. Thread-safe. */
interface Bridge extends AutoCloseable {
  /** Sends a message; returns at once. */
  void send(Map<String, ?> message);

  /** Says that nothing reads the output of a task any more; returns at once. */
  void release(int task);

  /** Lets the bridge end, and makes it if it does not. Idempotent. */
  @Override
  void close();
}
