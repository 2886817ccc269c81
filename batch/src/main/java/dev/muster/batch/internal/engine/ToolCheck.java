package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.CommandResult;
import dev.muster.probe.Finding;
import dev.muster.probe.Finding.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Tries whether the tools of a batch system are there and answer. Thread-safe. */
public final class ToolCheck {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private ToolCheck() {}

  /**
   * Runs a command that says its version.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  public static Finding run(String strategy, List<String> command, Map<String, String> environment)
      throws InterruptedException {
    long began = System.nanoTime();
    Outcome outcome = Outcome.BAD;
    String detail;
    try {
      CommandResult result = new ProcessCommands(environment).run(command, null, LIMIT);
      if (result.ok()) {
        outcome = Outcome.GOOD;
        detail = strategy + ": " + result.out().strip().lines().findFirst().orElse("it answers");
      } else {
        detail = result.describe();
      }
    } catch (CommandFailed e) {
      detail = String.valueOf(e.getMessage());
    }
    return new Finding(null, "tools", outcome, detail, Duration.ofNanos(System.nanoTime() - began));
  }
}
