package dev.muster.internal.operation;

import org.jspecify.annotations.Nullable;

/** A task that was begun already, alone. Not thread-safe. */
final class OneTurn implements Turns {
  private @Nullable Object output;
  private @Nullable Throwable error;

  @Override
  public int count() {
    return 1;
  }

  @Override
  public boolean begin(int turn) {
    return true;
  }

  @Override
  public void succeeded(int turn, @Nullable Object result) {
    output = result;
  }

  @Override
  public void failed(int turn, Throwable cause) {
    error = cause;
  }

  @Override
  public void giveBack(int first) {}

  /**
   * Returns what came of it.
   *
   * @throws Exception what it failed with
   */
  @Nullable
  Object result() throws Exception {
    if (error instanceof Error fatal) {
      throw fatal;
    }
    if (error != null) {
      throw (Exception) error;
    }
    return output;
  }
}
