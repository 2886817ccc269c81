package dev.muster;

import static dev.muster.RunFixture.PATIENCE;
import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.end;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.RunFixture.Events;
import dev.muster.error.MusterException;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.internal.local.LocalBackend;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.spi.BackendSite;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SiteTest {
  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicInteger running = new AtomicInteger();

  private Workflow waiting(int tasks) {
    return Workflow.builder()
        .dataset(data("a", tasks))
        .stage("Wait")
        .run(context -> {
          running.incrementAndGet();
          return go.await(60, TimeUnit.SECONDS);
        })
        .build();
  }

  private static Workflow quick(String value) {
    return Workflow.builder().stage("Say").run(context -> value).build();
  }

  private void untilRunning(int tasks) {
    await().atMost(PATIENCE).until(() -> running.get() == tasks);
  }

  @Test
  void runsFollowEachOtherOnTheSameThreads() {
    List<String> threads = new ArrayList<>();
    Workflow workflow = Workflow.builder()
        .stage("Tell")
        .run(context -> threads.add(Thread.currentThread().getName()))
        .build();
    try (Site site = Muster.open(workers(1))) {
      for (int i = 0; i < 5; i++) {
        assertThat(site.run(workflow, RunOptions.defaults()).succeeded()).isTrue();
      }
      assertThat(threads).hasSize(5).containsOnly("muster-default-0@" + site.id());
    }
    assertThat(RunFixture.threads()).isEmpty();
  }

  @Test
  void eachRunHasItsOwnIdEventsDirectoryAndValues(@TempDir Path folder) {
    try (Site site = Muster.open(workers(2))) {
      List<Run> runs = new ArrayList<>();
      List<Events> heard = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Events events = new Events();
        heard.add(events);
        runs.add(site.start(
            quick("value " + i),
            RunOptions.builder()
                .directory(folder.resolve("run" + i))
                .listener(events::add)
                .build()));
      }
      for (int i = 0; i < runs.size(); i++) {
        try (Run run = runs.get(i)) {
          assertThat(end(run).orThrow().stage("Say").value()).isEqualTo("value " + i);
          assertThat(heard.get(i)).isNotEmpty().allMatch(event -> event.run().equals(run.id()));
          assertThat(heard.get(i).of(RunEvent.WorkerStarted.class)).isNotEmpty();
          assertThat(heard.get(i).of(RunEvent.WorkerEnded.class))
              .hasSameSizeAs(heard.get(i).of(RunEvent.WorkerStarted.class));
          assertThat(folder.resolve("run" + i).resolve("journal")).exists();
        }
      }
      assertThat(runs).extracting(Run::id).doesNotHaveDuplicates();
      assertThat(site.runs()).isEmpty();
    }
  }

  @Test
  void aFailedAndACancelledRunTouchNoOther() {
    Workflow failing = Workflow.builder()
        .dataset(data("a", 20))
        .stage("Fail")
        .run(context -> {
          throw new IllegalStateException("no");
        })
        .build();
    try (Site site = Muster.open(workers(4));
        Run good = site.start(waiting(3))) {
      untilRunning(3);
      try (Run bad = site.start(failing);
          Run cancelled = site.start(waiting(50))) {
        assertThat(end(bad).status()).isEqualTo(RunStatus.FAILED);
        cancelled.cancel();
        assertThat(end(cancelled).status()).isEqualTo(RunStatus.CANCELLED);
      }
      assertThat(good.await(Duration.ofMillis(1))).isNull();
      go.countDown();
      assertThat(end(good).succeeded()).isTrue();
    }
  }

  @Test
  void cancellingTellsItsReasonEverywhere() {
    Events events = new Events();
    try (Site site = Muster.open(workers(1));
        Run run =
            site.start(waiting(2), RunOptions.builder().listener(events::add).build())) {
      untilRunning(1);
      run.cancel("the user closed the page");
      run.cancel("too late");
      RunResult result = end(run);
      assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
      assertThat(result.reason()).isEqualTo("the user closed the page");
      assertThatThrownBy(result::orThrow)
          .hasMessage("the run was cancelled: the user closed the page");
      assertThat(events.of(RunEvent.TaskFailed.class))
          .singleElement()
          .satisfies(event -> assertThat(event.message()).isEqualTo("the user closed the page"));
      assertThat(events.of(RunEvent.TaskSkipped.class))
          .singleElement()
          .satisfies(event -> assertThat(event.reason()).isEqualTo("the user closed the page"));
      assertThat(events.of(RunEvent.RunFinished.class))
          .singleElement()
          .satisfies(event -> assertThat(event.message()).isEqualTo("the user closed the page"));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> run.cancel(" "))
          .withMessageContaining("reason is empty");
    }
  }

  @Test
  void aRunPastItsDeadlineIsCancelledAndOthersGoOn() {
    RunOptions soon = RunOptions.builder().deadline(Duration.ofMillis(200)).build();
    try (Site site = Muster.open(workers(2));
        Run other = site.start(waiting(1))) {
      untilRunning(1);
      try (Run late = site.start(waiting(1), soon)) {
        RunResult result = end(late);
        assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(result.reason()).startsWith("its deadline of ").endsWith(" is over");
      }
      go.countDown();
      assertThat(end(other).succeeded()).isTrue();
      assertThat(
              site.run(quick("in time"), RunOptions.builder().deadline(PATIENCE).build())
                  .reason())
          .isNull();
    }
  }

  /** Its workers never come. */
  private static final class Slow implements Backend, BackendSite {
    private final CountDownLatch never = new CountDownLatch(1);

    @Override
    public String name() {
      return "slow";
    }

    @Override
    public BackendSite openSite(String id) {
      return this;
    }

    @Override
    public BackendSession open(BackendContext context) {
      try {
        never.await();
      } catch (InterruptedException e) {
        throw new MusterException("given up", e);
      }
      throw new IllegalStateException("nobody opens it");
    }

    @Override
    public void close() {}
  }

  @Test
  void theOpeningOfBackendsCountsForTheDeadline() {
    Execution execution = Execution.builder().backend("slow").build();
    SiteOptions options = SiteOptions.builder().backend(new Slow()).build();
    RunOptions soon = RunOptions.builder().deadline(Duration.ofMillis(100)).build();
    try (Site site = Muster.open(execution, options);
        Run run = site.start(quick("never"), soon)) {
      RunResult result = end(run);
      assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
      assertThat(result.reason()).startsWith("its deadline of ");
    }
  }

  @Test
  void drainingRefusesRunsAndWaitsForThoseThatAreThere() throws Exception {
    try (Site site = Muster.open(workers(1));
        Run run = site.start(waiting(2))) {
      untilRunning(1);
      assertThat(site.drain(Duration.ofMillis(20))).isFalse();
      assertThatIllegalStateException()
          .isThrownBy(() -> site.start(quick("late")))
          .withMessageContaining("drained");
      go.countDown();
      assertThat(site.drain(PATIENCE)).isTrue();
      assertThat(end(run).succeeded()).isTrue();
    }
  }

  @Test
  void closingEndsWhatIsLeft() {
    Site site = Muster.open(workers(2));
    Run run = site.start(waiting(5));
    untilRunning(2);
    site.close();
    RunResult result = end(run);
    assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
    assertThat(result.reason()).isEqualTo("the site was closed");
    assertThatIllegalStateException()
        .isThrownBy(() -> site.start(quick("late")))
        .withMessageContaining("the site is closed");
    assertThat(RunFixture.threads()).isEmpty();
    site.close();
  }

  @Test
  void anOperationMayStartARunOfItsSiteButNotWaitForIt() {
    AtomicReference<CompletableFuture<RunResult>> inner = new AtomicReference<>();
    try (Site site = Muster.open(workers(1))) {
      Workflow outer = Workflow.builder()
          .stage("Outer")
          .run(context -> {
            Run started = site.start(quick("inner"));
            inner.set(started.result().toCompletableFuture());
            assertThatIllegalStateException()
                .isThrownBy(started::await)
                .withMessageContaining("of the site that it runs on");
            assertThatIllegalStateException().isThrownBy(started::close);
            assertThatIllegalStateException().isThrownBy(site::close);
            assertThatIllegalStateException().isThrownBy(() -> site.drain(Duration.ZERO));
            return null;
          })
          .build();
      assertThat(site.run(outer, RunOptions.defaults()).orThrow().succeeded()).isTrue();
      assertThat(inner.get().join().stage("Say").value()).isEqualTo("inner");
    }
  }

  @Test
  void backendsThatServeOneRunAreRefusedByName() {
    Execution execution = Execution.builder().backend("puppet").build();
    SiteOptions options =
        SiteOptions.builder().backend(new PuppetBackend("puppet")).build();
    assertThatThrownBy(() -> Muster.open(execution, options))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("the backend puppet serves one run only");
    Execution late = Execution.builder().build();
    SiteOptions above =
        options.toBuilder().above(Layer.of("override", execution)).build();
    try (Site site = Muster.open(late, above)) {
      assertThatThrownBy(() -> site.start(quick("never")))
          .isInstanceOf(MusterException.class)
          .hasMessageContaining("the backend puppet serves one run only");
    }
    assertThatThrownBy(() -> Muster.open(Execution.builder().backend("nowhere").build()))
        .hasMessageContaining("nowhere");
    assertThat(RunFixture.threads()).isEmpty();
  }

  @Test
  void whatBelongsToTheSiteIsRefusedOfARun() {
    try (Site site = Muster.open(workers(1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> site.start(
              quick("x"), RunOptions.builder().above(Layer.of("l", workers(3))).build()))
          .withMessageContaining("cannot have layers");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> site.start(
              quick("x"), RunOptions.builder().backend(new LocalBackend()).build()))
          .withMessageContaining("cannot have backends");
      Plan foreign = Muster.plan(quick("x"), workers(3));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> site.start(foreign, RunOptions.defaults()))
          .withMessageContaining("another execution");
      Plan own = site.plan(quick("again"));
      for (int i = 0; i < 2; i++) {
        try (Run run = site.start(own, RunOptions.defaults())) {
          assertThat(end(run).orThrow().stage("Say").value()).isEqualTo("again");
        }
      }
    }
  }

  @Test
  void anOperationThatIgnoresInterruptsKeepsOnlyItsOwnSlot() {
    AtomicReference<Boolean> stop = new AtomicReference<>(false);
    Workflow stubborn = Workflow.builder()
        .stage("Spin")
        .run(context -> {
          running.incrementAndGet();
          while (!stop.get()) {
            Thread.onSpinWait();
          }
          return null;
        })
        .build();
    SiteOptions hasty =
        SiteOptions.builder().backend(new LocalBackend(Duration.ofMillis(50))).build();
    try (Site site = Muster.open(workers(2), hasty)) {
      Events events = new Events();
      try (Run run =
          site.start(stubborn, RunOptions.builder().listener(events::add).build())) {
        untilRunning(1);
        run.cancel();
        assertThat(end(run).status()).isEqualTo(RunStatus.CANCELLED);
      }
      assertThat(events.of(RunEvent.Notice.class))
          .anySatisfy(notice -> assertThat(notice.message())
              .contains("still run in the threads", "keeps its slot of the site"));
      assertThat(site.run(quick("on the other"), RunOptions.defaults()).succeeded())
          .isTrue();
      stop.set(true);
      go.countDown();
      running.set(0);
      try (Run both = site.start(waiting(2))) {
        assertThat(end(both).succeeded()).isTrue();
      }
    }
  }

  @Test
  void runsComeFromManyThreadsAndShareTheLimit() throws Exception {
    int capacity = 3;
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Workflow.Builder many = Workflow.builder().dataset(data("a", 7));
    for (int i = 0; i < 3; i++) {
      many.stage(
          "S" + i,
          stage -> stage.run(context -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            LockSupport.parkNanos(10_000);
            return now.getAndDecrement();
          }));
    }
    Workflow workflow = many.build();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (Site site = Muster.open(workers(capacity))) {
      Plan plan = site.plan(workflow);
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        boolean cancels = thread == 0;
        all.add(threads.submit(() -> {
          for (int i = 0; i < 40; i++) {
            try (Run run =
                site.start(plan, RunOptions.builder().weight(1 + i % 5).build())) {
              if (cancels) {
                run.cancel();
                end(run);
              } else {
                assertThat(end(run).orThrow().stage("S2").succeeded()).isEqualTo(7);
              }
            }
          }
        }));
      }
      for (Future<?> each : all) {
        each.get(100, TimeUnit.SECONDS);
      }
      assertThat(site.runs()).isEmpty();
    } finally {
      threads.shutdownNow();
    }
    assertThat(most.get()).isBetween(1, capacity);
    assertThat(RunFixture.threads()).isEmpty();
  }

  @Test
  void closingWhileRunsAreStartedEndsThemAll() throws Exception {
    for (int round = 0; round < 20; round++) {
      Site site = Muster.open(workers(2));
      List<Run> started = new CopyOnWriteArrayList<>();
      Thread starter = new Thread(() -> {
        try {
          for (int i = 0; i < 100_000; i++) {
            started.add(site.start(quick("x")));
          }
        } catch (IllegalStateException e) {
          assertThat(e).hasMessageContaining("closed");
        }
      });
      starter.start();
      await().atMost(PATIENCE).until(() -> started.size() > 3);
      site.close();
      starter.join(PATIENCE.toMillis());
      assertThat(starter.isAlive()).isFalse();
      started.forEach(run -> {
        assertThat(end(run)).isNotNull();
        run.close();
      });
    }
    assertThat(RunFixture.threads()).isEmpty();
  }

  @Test
  void aDirectoryInUseIsRefusedAndTheSiteGoesOn(@TempDir Path folder) throws Exception {
    Path directory = Files.createDirectory(folder.resolve("run"));
    RunOptions options = RunOptions.builder().directory(directory).build();
    try (Site site = Muster.open(workers(1));
        Run first = site.start(waiting(1), options)) {
      assertThatThrownBy(() -> site.start(quick("x"), options)).isInstanceOf(MusterException.class);
      go.countDown();
      assertThat(end(first).succeeded()).isTrue();
    }
  }
}
