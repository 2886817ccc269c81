package dev.muster.dask;

import static dev.muster.dask.DaskSite.LIMIT;
import static dev.muster.dask.DaskSite.two;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class DaskScaleIT {
  private static final Logger log = LoggerFactory.getLogger(DaskScaleIT.class);
  private static final int TASKS = 100_000;

  private static final Duration LOOK = Duration.ofMillis(50);

  @TempDir
  Path base;

  @Test
  void aHundredThousandTasksTakeLittleMemory() throws Exception {
    DaskSite site = new DaskSite(base);
    try (Run warm = Muster.start(workflow(site, 1000), two())) { // loads classes
      assertThat(warm.await(LIMIT)).isNotNull();
    }
    Plan plan = Muster.plan(workflow(site, TASKS), two());
    long before = heap();
    try (Run run = Muster.start(plan, RunOptions.defaults())) {
      ProcessHandle bridge = bridge();
      long peak = 0;
      RunResult result = null;
      for (long end = System.nanoTime() + LIMIT.toNanos();
          result == null && System.nanoTime() < end; ) {
        peak = Math.max(peak, peak(bridge));
        result = run.await(LOOK);
      }
      assertThat(result).isNotNull();
      assertThat(result.orThrow().stage("none").succeeded()).isEqualTo(TASKS);
      long perTask = (heap() - before) / TASKS;
      log.info(
          "{} tasks: {}, {} bytes of heap a task, bridge at most {} MB",
          TASKS,
          result.elapsed(),
          perTask,
          peak / 1000);
      assertThat(perTask).isLessThan(100);
      assertThat(peak).as("kB that the bridge took at most").isPositive().isLessThan(1_000_000);
    }
  }

  private static Workflow workflow(DaskSite site, int tasks) {
    return site.workflow()
        .dataset(new Dataset("data", Collections.nCopies(tasks, "f"), List.of(), Map.of()))
        .stage("none")
        .build();
  }

  private static ProcessHandle bridge() {
    return Awaitility.await()
        .atMost(LIMIT)
        .until(
            () -> ProcessHandle.current()
                .children()
                .filter(
                    child -> child.info().commandLine().orElse("").contains("muster_dask.bridge"))
                .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  /** Returns the largest resident memory that a process has had, in kB; 0 if it has ended. */
  private static long peak(ProcessHandle process) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
      return 0;
    } catch (IOException e) {
      return 0;
    }
  }

  private static long heap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
