package dev.muster.testkit;

import dev.muster.code.StageCode;
import dev.muster.spi.Backend;
import java.util.Set;

/** The Java rows of the table: tasks run on the thread that hands them over, where no timeout ends a command. */
class FakeFailureKindTest extends FailureKindContract {
  @Override
  protected Backend backend() {
    return FakeBackend.automatic("fake");
  }

  @Override
  protected Set<StageCode.Kind> codes() {
    return Set.of(StageCode.Kind.JAVA);
  }
}
