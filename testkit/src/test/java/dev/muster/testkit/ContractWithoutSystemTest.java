package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.batch.spi.BatchSystem;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** Contracts whose system is not there, which their {@code open} says by an assumption. */
class ContractWithoutSystemTest {
  private static BatchSystem none() {
    Assumptions.abort("no system here");
    throw new AssertionError();
  }

  private static final class Jobs extends BatchSystemContract {
    @Override
    protected Path directory() {
      return Path.of("");
    }

    @Override
    protected BatchSystem open(Path directory) {
      return none();
    }
  }

  private static final class Files extends TransferContract {
    @Override
    protected Path directory() {
      return Path.of("");
    }

    @Override
    protected BatchSystem open(Path directory) {
      return none();
    }
  }

  @Test
  void endAsSkipped() {
    Jobs jobs = new Jobs();
    assertThatThrownBy(jobs::openSystem).isInstanceOf(TestAbortedException.class);
    assertThatCode(jobs::closeSystem).doesNotThrowAnyException();
    Files files = new Files();
    assertThatThrownBy(files::openSystem).isInstanceOf(TestAbortedException.class);
    assertThatCode(files::closeSystem).doesNotThrowAnyException();
  }
}
