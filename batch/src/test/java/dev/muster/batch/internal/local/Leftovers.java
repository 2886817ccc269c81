package dev.muster.batch.internal.local;

import static org.awaitility.Awaitility.await;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves a child process behind. */
final class Leftovers implements BeforeEachCallback, AfterEachCallback {
  private Set<Long> before = Set.of();

  @Override
  public void beforeEach(ExtensionContext context) {
    before = children();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    await("end of all child processes").until(() -> before.containsAll(children()));
  }

  private static Set<Long> children() {
    return ProcessHandle.current()
        .descendants()
        .filter(child -> !Arrays.asList(child.info().arguments().orElse(new String[0]))
            .contains("muster-reaper")) // ends with the JVM
        .map(ProcessHandle::pid)
        .collect(Collectors.toSet());
  }
}
