package dev.muster.batch.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.SubmissionException;
import dev.muster.execution.Staging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SendingTest {
  private static final int TRIES = 10;

  @TempDir
  Path directory;

  private final FakeQueue queue = new FakeQueue();
  private final FakeTime time = new FakeTime();
  private BatchSystem system;
  private Path one;
  private Path two;

  @BeforeEach
  void open() throws IOException {
    one = Files.writeString(directory.resolve("one"), "1");
    two = Files.writeString(directory.resolve("two"), "2");
    Settings settings =
        new Settings("run", directory, Map.of(), System.getenv(), queue, time, new Random(1));
    system = new CommandBatchSystem(queue, settings, new Watchdog.Patience(1, Duration.ZERO));
  }

  @AfterEach
  void close() {
    system.close();
  }

  private JobSpec job() {
    return JobSpec.builder("gpu", List.of("true"), directory)
        .logs(directory.resolve("logs"))
        .files(List.of(one, two))
        .staging(Staging.TRANSFER)
        .build();
  }

  private JobId running() {
    JobId job = system.submit(job(), 1).get(0);
    queue.set(job, "R");
    return job;
  }

  private JobStatus status(JobId job) {
    time.pass(Duration.ofSeconds(100));
    return ((StatusReport.Answered) system.status(Set.of(job))).statuses().get(job);
  }

  private void awaitSends(int count) {
    await().untilAsserted(() -> assertThat(queue.calls("qsend")).hasSize(count));
  }

  /** Asks again and again, as a backend does, until so much was sent. */
  private void askUntilSends(JobId job, int count) {
    await().untilAsserted(() -> {
      JobStatus unused = status(job);
      assertThat(queue.calls("qsend").size()).isGreaterThanOrEqualTo(count);
    });
  }

  @Test
  void sendsTheFilesInOrderWhenTheJobRunsAndOnlyOnce() {
    JobId job = system.submit(job(), 1).get(0);
    assertThat(status(job)).isInstanceOf(JobStatus.Pending.class);
    assertThat(queue.calls("qsend")).isEmpty();
    queue.set(job, "R");

    assertThat(status(job)).isInstanceOf(JobStatus.Running.class);

    awaitSends(2);
    assertThat(status(job)).isInstanceOf(JobStatus.Running.class);
    assertThat(status(job)).isInstanceOf(JobStatus.Running.class);
    assertThat(queue.calls("qsend"))
        .containsExactly(
            List.of("qsend", job.id(), one.toString()), List.of("qsend", job.id(), two.toString()));
  }

  @Test
  void sendsAgainWhenTheJobWasPutBackIntoTheQueue() {
    JobId job = running();
    askUntilSends(job, 2);
    queue.set(job, "Q");
    assertThat(status(job)).isInstanceOf(JobStatus.Pending.class);
    queue.set(job, "R");

    assertThat(status(job)).isInstanceOf(JobStatus.Running.class);

    awaitSends(4);
  }

  @Test
  void triesAgainWhatFailed() {
    queue.trouble("qsend", FakeQueue.exit(2, "no such folder"), FakeQueue.hang());
    JobId job = running();

    askUntilSends(job, 4);

    assertThat(queue.calls("qsend"))
        .extracting(call -> call.get(2))
        .containsExactly(one.toString(), one.toString(), one.toString(), two.toString());
    assertThat(status(job)).isInstanceOf(JobStatus.Running.class);
  }

  @Test
  void doesNotSendAgainWhatHasArrived() {
    queue.trouble(
        "qsend",
        (command, real) -> real.run(command, null, Duration.ZERO),
        FakeQueue.exit(2, "busy"));
    JobId job = running();

    askUntilSends(job, 3);

    assertThat(queue.calls("qsend"))
        .extracting(call -> call.get(2))
        .containsExactly(one.toString(), two.toString(), two.toString());
  }

  @Test
  void cancelsAJobThatCannotGetItsFilesAndSaysWhy() {
    FakeQueue.Trouble[] troubles = new FakeQueue.Trouble[TRIES];
    Arrays.fill(troubles, FakeQueue.exit(2, "No space left on device"));
    troubles[0] = FakeQueue.exit(3, "no such folder");
    queue.trouble("qsend", troubles);
    JobId job = running();

    await().untilAsserted(() -> assertThat(status(job)).isInstanceOf(JobStatus.Ended.class));

    JobStatus.Ended end = (JobStatus.Ended) status(job);
    assertThat(end.end()).isEqualTo(End.FAILED);
    assertThat(end.reason())
        .isEqualTo("its files could not be sent: qsend " + job + " " + one
            + ": exit code 2: No space left on device (at first: qsend " + job + " " + one
            + ": exit code 3: no such folder)");
    assertThat(queue.calls("qsend")).hasSize(TRIES);
    assertThat(queue.calls("qdel")).contains(List.of("qdel", job.id()));
  }

  @Test
  void sendsNothingToAJobThatDoesNoMoreWork() {
    FakeQueue.Trouble[] troubles = new FakeQueue.Trouble[TRIES];
    Arrays.fill(troubles, FakeQueue.exit(2, "no such folder"));
    queue.trouble("qsend", troubles);
    JobId job = running();
    askUntilSends(job, 1);
    queue.set(job, "E");

    for (int polls = 0; polls < 10; polls++) {
      assertThat(status(job)).isEqualTo(new JobStatus.Ending("node1"));
    }
    queue.set(job, "3");

    assertThat(status(job)).isEqualTo(new JobStatus.Ended(End.FAILED, 3, null));
    assertThat(queue.calls("qsend")).hasSizeLessThanOrEqualTo(3); // two may have begun before
  }

  @Test
  void anEndOfItsOwnIsToldBesideWhyAJobGotNoFiles() {
    FakeQueue.Trouble[] troubles = new FakeQueue.Trouble[TRIES];
    Arrays.fill(troubles, FakeQueue.exit(2, "busy"));
    queue.trouble("qsend", troubles);
    Arrays.fill(troubles, FakeQueue.exit(1, "not now"));
    queue.trouble("qdel", troubles);
    JobId job = running();
    await().untilAsserted(() -> {
      JobStatus unused = status(job);
      assertThat(queue.calls("qdel")).isNotEmpty();
    });
    queue.set(job, "3");

    JobStatus.Ended end = (JobStatus.Ended) status(job);

    assertThat(end.exitCode()).isEqualTo(3);
    assertThat(end.reason()).startsWith("its files could not be sent: ");
  }

  @Test
  void aFileThatIsGoneIsNotTriedAgain() throws IOException {
    JobId job = running();
    Files.delete(two);

    await().untilAsserted(() -> assertThat(status(job)).isInstanceOf(JobStatus.Ended.class));

    assertThat(((JobStatus.Ended) status(job)).reason()).contains(two + ", which is to be sent");
    assertThat(queue.calls("qsend")).isEmpty();
  }

  @Test
  void pollsGoOnWhileFilesAreSentAndACancelEndsTheSend() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    queue.trouble("qsend", (command, real) -> {
      try {
        new CountDownLatch(1).await();
        return new CommandResult(command, 0, "", "");
      } finally {
        ended.countDown();
      }
    });
    JobId job = running();
    JobId other = system.submit(job(), 1).get(0);
    assertThat(status(job)).isInstanceOf(JobStatus.Running.class);
    awaitSends(1);
    queue.finish(other, "3");

    assertThat(status(other)).isInstanceOf(JobStatus.Ended.class);
    system.cancel(Set.of(job));

    ended.await();
    assertThat(((JobStatus.Ended) status(job)).end()).isEqualTo(End.CANCELLED);
    assertThat(queue.calls("qsend")).hasSize(1);
  }

  @Test
  void sendsToAFewJobsAtATime() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    FakeQueue.Trouble slow = (command, real) -> {
      most.accumulateAndGet(now.incrementAndGet(), Math::max);
      go.await();
      now.decrementAndGet();
      return new CommandResult(command, 0, "", "");
    };
    FakeQueue.Trouble[] all = new FakeQueue.Trouble[40];
    Arrays.fill(all, slow);
    queue.trouble("qsend", all);
    List<JobId> jobs = system.submit(job(), 20);
    jobs.forEach(job -> queue.set(job, "R"));
    assertThat(status(jobs.get(0))).isInstanceOf(JobStatus.Running.class);
    await().until(() -> now.get() == 4);
    go.countDown();

    awaitSends(40);

    assertThat(most).hasValue(4);
  }

  @Test
  void theEndOfTheErrorLogComesBackInOneCommand() {
    List<JobId> jobs = system.submit(job(), 3);
    queue.finish(jobs.get(0), "3");
    queue.finish(jobs.get(1), "3");
    queue.finish(jobs.get(2), "0");

    assertThat(((JobStatus.Ended) status(jobs.get(0))).end()).isEqualTo(End.FAILED);

    assertThat(queue.calls("qlog"))
        .containsExactly(List.of("qlog", jobs.get(0).id(), jobs.get(1).id()));
    assertThat(job().errFile(jobs.get(1).id())).content().startsWith("Traceback\nof ");
    assertThat(job().errFile(jobs.get(2).id())).doesNotExist();
  }

  @Test
  void aFileThatCannotBeReadIsRefused() throws IOException {
    Files.delete(two);

    assertThatThrownBy(() -> system.submit(job(), 1))
        .isInstanceOf(SubmissionException.class)
        .hasMessageContaining(two.toString());
    assertThat(queue.calls).isEmpty();
  }

  @Test
  void aBatchSystemThatCannotSendFilesSaysSo() {
    queue.transfers = false;

    assertThatThrownBy(() -> system.submit(job(), 1))
        .isInstanceOf(SubmissionException.class)
        .hasMessageContaining("fake cannot send files to jobs (staging: transfer)");
  }

  @Test
  void jobsThatShareFoldersGetNothing() {
    JobSpec shared = job().toBuilder().staging(Staging.SHARED).build();
    JobId job = system.submit(shared, 1).get(0);
    queue.set(job, "R");
    assertThat(status(job)).isInstanceOf(JobStatus.Running.class);
    queue.finish(job, "3");
    assertThat(status(job)).isInstanceOf(JobStatus.Ended.class);
    assertThat(queue.calls("qsend")).isEmpty();
    assertThat(queue.calls("qlog")).isEmpty();
  }
}
