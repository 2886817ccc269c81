package dev.muster.internal.operation;

import dev.muster.error.MusterException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What has to be closed at the end of a run, the last made first. Thread-safe. */
final class Closer implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /** Adds {@code made} if it can be closed, and returns it. */
  synchronized <T> T add(T made) {
    if (made instanceof AutoCloseable closeable) {
      open.push(closeable);
    }
    return made;
  }

  @Override
  public void close() {
    MusterException failure = null;
    for (AutoCloseable next = take(); next != null; next = take()) {
      try {
        next.close();
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        if (failure == null) {
          failure = new MusterException(
              "an operation or a modifier could not be closed: " + e.getMessage(), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Closes everything because of {@code error}; what fails now is added to it as suppressed. */
  void closeAfter(Throwable error) {
    try {
      close();
    } catch (MusterException e) {
      error.addSuppressed(e);
    }
  }

  private synchronized @Nullable AutoCloseable take() {
    return open.poll();
  }
}
