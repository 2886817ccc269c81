import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.Site;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Workflow;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What several runs on one site cost each other: ten tasks of 50 ms alone and beside a run of 1,000,000 such tasks; and
 * what many short runs leave behind, one in five of which fails and one in seven of which is cancelled. Its argument is
 * the number of short runs (default 20,000).
 */
public final class SiteRuns {
  private static final int ROUNDS = 5;
  private static final int PARTS = 5;

  private SiteRuns() {}

  public static void main(String[] args) throws Exception {
    int runs = args.length == 0 ? 20_000 : Integer.parseInt(args[0]);
    for (int workers : new int[] {1, 2, 4, 16}) {
      beside(workers);
    }
    if (!flat(runs)) {
      System.out.println("NOT FLAT");
      System.exit(1);
    }
  }

  private static Workflow waits(int tasks) {
    return Workflow.builder()
        .dataset(new Dataset("a", Collections.nCopies(tasks, "file"), List.of(), Map.of()))
        .stage("Wait")
        .run(context -> {
          long end = System.nanoTime() + 50_000_000;
          for (long left = 50_000_000; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
          }
          return null;
        })
        .build();
  }

  private static void beside(int workers) {
    Execution execution =
        Execution.builder().pool("default", pool -> pool.workers(workers)).build();
    try (Site site = Muster.open(execution)) {
      List<Double> alone = times(site);
      List<Double> beside;
      try (Run large = site.start(waits(1_000_000))) {
        LockSupport.parkNanos(200_000_000);
        beside = times(site);
      }
      double before = alone.get(ROUNDS / 2);
      double after = beside.get(ROUNDS / 2);
      System.out.printf(
          "%d workers: ten tasks of 50 ms take %.0f ms alone, %.0f ms beside 1,000,000 such tasks: %.2f times%n",
          workers, before, after, after / before);
    }
  }

  private static List<Double> times(Site site) {
    List<Double> times = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      try (Run run = site.start(waits(10))) {
        run.await().orThrow();
      }
      times.add((System.nanoTime() - start) / 1e6);
    }
    Collections.sort(times);
    return times;
  }

  private static boolean flat(int runs) throws Exception {
    Execution execution = Execution.builder().pool("default", pool -> pool.workers(2)).build();
    List<long[]> states = new ArrayList<>();
    long start = System.nanoTime();
    try (Site site = Muster.open(execution)) {
      for (int part = 0; part <= PARTS; part++) {
        for (int i = 0; i < (part == 0 ? 500 : runs / PARTS); i++) { // the first are to warm up
          one(site, i);
        }
        states.add(state());
        long[] now = states.get(part);
        System.out.printf(
            "after %d runs: heap %.1f MB, %d threads, %d descriptors%n",
            500 + part * (runs / PARTS), now[0] / 1e6, now[1], now[2]);
      }
    }
    System.out.printf("%.2f ms a run%n", (System.nanoTime() - start) / 1e6 / (runs + 500));
    long[] first = states.get(1);
    long[] last = states.get(PARTS);
    return last[0] < first[0] + 3_000_000 && last[1] <= first[1] + 2 && last[2] <= first[2] + 5;
  }

  private static void one(Site site, int number) {
    Workflow workflow = Workflow.builder()
        .dataset(new Dataset("a", Collections.nCopies(3, "file"), List.of(), Map.of()))
        .stage("First")
        .run(context -> new byte[1 << 12])
        .stage("Then")
        .run(context -> {
          if (number % 5 == 4) {
            throw new IllegalStateException("fails");
          }
          return context.input("First", byte[].class).length;
        })
        .build();
    try (Run run = site.start(workflow)) {
      if (number % 7 == 6) {
        run.cancel("no longer wanted");
      }
      run.await();
    }
  }

  private static long[] state() throws Exception {
    long heap = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      heap = Math.min(heap, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    long descriptors = 0;
    if (Files.isDirectory(Path.of("/proc/self/fd"))) {
      try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
        descriptors = all.count();
      }
    }
    return new long[] {heap, Thread.activeCount(), descriptors};
  }
}
