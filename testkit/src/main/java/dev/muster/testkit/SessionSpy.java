package dev.muster.testkit;

import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Passes everything on to a backend, and remembers the session that it opened. Thread-safe. */
final class SessionSpy implements Backend {
  private final Backend backend;
  private final CompletableFuture<BackendSession> session = new CompletableFuture<>();

  SessionSpy(Backend backend) {
    this.backend = backend;
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public void check(BackendContext context) {
    backend.check(context);
  }

  @Override
  public boolean opensAtOnce() {
    return backend.opensAtOnce();
  }

  @Override
  public BackendSession open(BackendContext context) {
    BackendSession opened = backend.open(context);
    session.complete(opened);
    return opened;
  }

  /** Waits until a run has opened the backend. */
  BackendSession session() {
    return session.orTimeout(30, TimeUnit.SECONDS).join();
  }
}
