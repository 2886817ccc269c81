package dev.muster.internal.engine;

import dev.muster.internal.rundir.RunLayout;
import dev.muster.run.RunListener;
import dev.muster.run.RunTime;
import dev.muster.spi.RunShare;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a run is carried out, the sources of time and chance included.
 *
 * @param directory the run's directory, or null
 * @param resume whether the run goes on with the one in the directory
 * @param takeOver whether a process of another host that has the run counts as gone
 * @param keepGoing whether tasks that do not depend on a failed one go on
 * @param keepValues whether outputs are kept when nothing reads them any more
 * @param shutdownHook whether the run is cancelled when the JVM is asked to end
 * @param share the share of workers that other runs use, too
 * @param deadline how long the run may take, or null
 * @param listeners listeners from the first event on
 * @param clock the time of day
 * @param time by which the run waits, or null for the system's
 * @param random chance, for run ids and waits
 */
public record EngineOptions(
    @Nullable Path directory,
    boolean resume,
    boolean takeOver,
    boolean keepGoing,
    boolean keepValues,
    boolean shutdownHook,
    RunShare share,
    @Nullable Duration deadline,
    List<RunListener> listeners,
    InstantSource clock,
    @Nullable RunTime time,
    RandomGenerator random) {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  public EngineOptions {
    listeners = List.copyOf(listeners);
  }

  /** Returns an id for a run, for example {@code dimuon-20260131-101500-3fa90c21}. */
  String runId(String workflow) {
    return RunLayout.fileName(workflow) + "-" + STAMP.format(clock.instant()) + "-"
        + String.format(Locale.ROOT, "%08x", random.nextInt());
  }
}
