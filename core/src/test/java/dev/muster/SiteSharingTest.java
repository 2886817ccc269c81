package dev.muster;

import static dev.muster.RunFixture.PATIENCE;
import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.end;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.muster.run.Run;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which run a worker goes to that becomes free. */
@Timeout(120)
class SiteSharingTest {
  private static final int WORKERS = 4;

  private final CountDownLatch gate = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicInteger first = new AtomicInteger();
  private final AtomicInteger second = new AtomicInteger();
  private final AtomicInteger gated = new AtomicInteger();

  private static Workflow waits(AtomicInteger begun, CountDownLatch until, int tasks) {
    return Workflow.builder()
        .dataset(data("a", tasks))
        .stage("Wait")
        .run(context -> {
          begun.incrementAndGet();
          return until.await(60, TimeUnit.SECONDS);
        })
        .build();
  }

  /** Makes all workers free at once while two runs have ready tasks; returns how many each got. */
  private List<Integer> share(RunOptions one, RunOptions other) {
    try (Site site = Muster.open(workers(WORKERS));
        Run all = site.start(waits(gated, gate, WORKERS))) {
      await().atMost(PATIENCE).until(() -> gated.get() == WORKERS);
      try (Run a = site.start(waits(first, go, 20), one);
          Run b = site.start(waits(second, go, 20), other)) {
        gate.countDown();
        end(all);
        await().atMost(PATIENCE).until(() -> first.get() + second.get() == WORKERS);
        List<Integer> got = List.of(first.get(), second.get());
        go.countDown();
        assertThat(end(a).succeeded()).isTrue();
        assertThat(end(b).succeeded()).isTrue();
        return got;
      }
    }
  }

  private static RunOptions weight(int weight) {
    return RunOptions.builder().weight(weight).build();
  }

  @Test
  void equalRunsHaveEqualShares() {
    assertThat(share(RunOptions.defaults(), RunOptions.defaults())).containsExactly(2, 2);
  }

  @Test
  void sharesGoByWeight() {
    assertThat(share(weight(3), weight(1))).containsExactly(3, 1);
  }

  @Test
  void aHigherPriorityGoesFirst() {
    RunOptions high = RunOptions.builder().priority(5).build();
    assertThat(share(weight(1000), high)).containsExactly(0, 4);
  }

  @Test
  void whatOneDoesNotNeedTheOthersGet() {
    RunOptions high = RunOptions.builder().priority(5).build();
    try (Site site = Muster.open(workers(WORKERS));
        Run one = site.start(waits(first, go, 1), high);
        Run other = site.start(waits(second, go, 20))) {
      await().atMost(PATIENCE).until(() -> first.get() == 1 && second.get() == WORKERS - 1);
      go.countDown();
      assertThat(end(one).succeeded()).isTrue();
      assertThat(end(other).succeeded()).isTrue();
    }
  }

  private static void last(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Test
  void aShortRunDoesNotWaitForALongOneThatCameBefore() {
    List<String> order = new CopyOnWriteArrayList<>();
    Workflow large = Workflow.builder()
        .dataset(data("a", 20_000))
        .stage("Large")
        .run(context -> {
          order.add("large");
          last(Duration.ofMillis(5));
          return null;
        })
        .build();
    Workflow small = Workflow.builder()
        .dataset(data("a", 10))
        .stage("Small")
        .run(context -> {
          order.add("small");
          last(Duration.ofMillis(5));
          return null;
        })
        .build();
    try (Site site = Muster.open(workers(1));
        Run before = site.start(large)) {
      await().atMost(PATIENCE).until(() -> order.size() > 5);
      try (Run run = site.start(small)) {
        assertThat(end(run).succeeded()).isTrue();
      }
      before.cancel();
      end(before);
    }
    int from = order.indexOf("small");
    int to = order.lastIndexOf("small");
    // One after the other: where a task of the long one takes longer, the short one goes ahead.
    assertThat(order.subList(from, to + 1)).hasSizeLessThanOrEqualTo(25);
  }

  @Test
  void tasksThatFollowEachOtherInOneThreadGiveWay() {
    AtomicInteger done = new AtomicInteger();
    Workflow.Builder chain = Workflow.builder().dataset(data("a", 2000));
    for (int i = 0; i < 10; i++) {
      chain.stage(
          "S" + i,
          stage -> stage.run(context -> {
            last(Duration.ofMillis(1));
            return done.incrementAndGet();
          }));
    }
    try (Site site = Muster.open(workers(1));
        Run run = site.start(chain.build())) {
      await().atMost(PATIENCE).until(() -> done.get() > 5);
      Workflow quick =
          Workflow.builder().stage("Quick").run(context -> done.get()).build();
      try (Run other = site.start(quick)) {
        assertThat((int) end(other).orThrow().stage("Quick").value()).isLessThan(20_000);
      }
      run.cancel();
      end(run);
    }
  }

  @Test
  void weightsOutsideTheirRangeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> weight(0))
        .withMessageContaining("from 1 to 1000");
    assertThatIllegalArgumentException().isThrownBy(() -> weight(1001));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunOptions.builder().deadline(Duration.ZERO))
        .withMessageContaining("positive");
  }
}
