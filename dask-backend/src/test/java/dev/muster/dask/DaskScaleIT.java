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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class DaskScaleIT {
  private static final Logger log = LoggerFactory.getLogger(DaskScaleIT.class);
  private static final int TASKS = 100_000;

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
      long bridge = bridge();
      RunResult result = run.await(LIMIT);
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
      assertThat(bridge).isPositive();
      assertThat(peak).as("kB that the bridge took at most").isPositive().isLessThan(1_000_000);
    }
  }

  private static Workflow workflow(DaskSite site, int tasks) {
    return site.workflow()
        .dataset(new Dataset("data", Collections.nCopies(tasks, "f"), List.of(), Map.of()))
        .stage("none")
        .build();
  }

  private volatile long peak;

  /** Watches the bridge's peak of memory until it ends; returns its process. */
  private long bridge() {
    ProcessHandle handle = ProcessHandle.current()
        .children()
        .filter(child -> child.info().commandLine().orElse("").contains("muster_dask.bridge"))
        .findFirst()
        .orElseThrow();
    Path status = Path.of("/proc", Long.toString(handle.pid()), "status");
    Thread watcher = new Thread(() -> watch(status), "bridge-watcher");
    watcher.setDaemon(true);
    watcher.start();
    return handle.pid();
  }

  private void watch(Path status) {
    while (true) {
      try {
        for (String line : Files.readAllLines(status)) {
          if (line.startsWith("VmHWM:")) {
            peak = Long.parseLong(line.replaceAll("\\D", ""));
          }
        }
        Thread.sleep(50);
      } catch (IOException | InterruptedException e) {
        return; // the bridge has ended
      }
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
