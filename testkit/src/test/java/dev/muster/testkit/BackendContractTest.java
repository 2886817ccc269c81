package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.internal.local.LocalBackend;
import dev.muster.plan.Route;
import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** That the contract finds backends which break it. */
@Timeout(120)
class BackendContractTest {
  @TempDir
  Path folder;

  /** A backend whose sessions return from {@code close()} while their workers still have to end. */
  private static final class Hasty implements Backend {
    private final Backend backend = new LocalBackend();
    private final List<BackendSession> toClose = new ArrayList<>();

    @Override
    public String name() {
      return backend.name();
    }

    @Override
    public BackendSession open(BackendContext context) {
      BackendSession session = backend.open(context);
      return new BackendSession() {
        @Override
        public void submit(Route route, int attempt, int[] tasks, int count) {
          session.submit(route, attempt, tasks, count);
        }

        @Override
        public void cancel(int task, int attempt) {
          session.cancel(task, attempt);
        }

        @Override
        public void close() {
          synchronized (toClose) {
            toClose.add(session);
          }
        }
      };
    }

    void closeAll() {
      synchronized (toClose) {
        toClose.forEach(BackendSession::close);
      }
    }
  }

  @Test
  void failsABackendThatDoesNotWaitForItsTasksWhenItIsClosed() {
    Hasty hasty = new Hasty();
    BackendContract contract = new BackendContract() {
      @Override
      protected Backend backend() {
        return hasty;
      }
    };
    try {
      assertThatThrownBy(() -> contract.hasEndedItsTasksWhenItIsClosed(folder))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("a task still runs after close()");
    } finally {
      hasty.closeAll();
    }
  }
}
