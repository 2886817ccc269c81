package dev.muster.batch.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.atIndex;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.SubmissionException;
import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CommandBatchSystemTest {
  @TempDir
  Path directory;

  private final FakeQueue queue = new FakeQueue();
  private final FakeTime time = new FakeTime();
  private final Map<String, @Nullable Object> config = new HashMap<>();
  private BatchSystem system;
  private int systems;

  @BeforeEach
  void open() {
    system = create();
  }

  private BatchSystem create() {
    Settings settings =
        new Settings("run", directory, config, System.getenv(), queue, time, new Random(++systems));
    return new CommandBatchSystem(queue, settings, new Watchdog.Patience(1, Duration.ZERO));
  }

  @AfterEach
  void close() {
    system.close();
  }

  private JobSpec job() {
    return JobSpec.builder("gpu", List.of("true"), directory)
        .logs(directory.resolve("logs"))
        .build();
  }

  private StatusReport ask(JobId... jobs) {
    time.pass(Duration.ofSeconds(100));
    return system.status(Set.of(jobs));
  }

  private JobStatus status(JobId job) {
    return ((StatusReport.Answered) ask(job)).statuses().get(job);
  }

  @Test
  void submitsAllCopiesInOneCommand() throws Exception {
    List<JobId> jobs = system.submit(job(), 3);
    assertThat(jobs).extracting(JobId::id).containsExactly("1.0", "1.1", "1.2");
    assertThat(queue.calls).hasSize(1);
    Path script = Path.of(queue.calls.get(0).get(3));
    assertThat(script).isExecutable();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(script.getParent())))
        .isEqualTo("rwx------");
    assertThat(directory.resolve("logs/out")).isDirectory();
    assertThat(directory.resolve("logs/err")).isDirectory();
    assertThat(directory.resolve("logs/logs")).isDirectory();
  }

  @Test
  void followsAJobToItsEnd() {
    JobId job = system.submit(job(), 1).get(0);
    assertThat(status(job)).isEqualTo(new JobStatus.Pending(null));
    queue.set(job, "R");
    assertThat(status(job)).isEqualTo(new JobStatus.Running("node1"));
    queue.finish(job, "3");
    assertThat(status(job)).isEqualTo(new JobStatus.Ended(End.FAILED, 3, null));
  }

  // Submissions

  @Test
  void givesOptionsOfTheExecutionToJobsThatDoNotSay() {
    config.put("command_timeout", "soon");
    assertThatThrownBy(this::create)
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("execution.config.command_timeout");
    config.clear();
    config.put("submit_rate", "often");
    system = create();
    assertThatThrownBy(() -> system.submit(job(), 1))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("config.submit_rate");
    List<JobId> unused =
        system.submit(job().toBuilder().config("submit_rate", 5).build(), 1);
  }

  @Test
  void spreadsSubmissionsOverTime() {
    JobSpec spec = job().toBuilder().config("submit_rate", 4).build();
    for (int i = 0; i < 3; i++) {
      List<JobId> unused = system.submit(spec, 1);
    }
    assertThat(time.waits()).containsExactly(Duration.ofMillis(250), Duration.ofMillis(250));
  }

  @Test
  void givesEachSubmissionItsOwnTag() {
    JobSpec odd = JobSpec.builder("-ünl; rm *\n", List.of("true"), directory).build();
    system.submit(odd, 1);
    system.submit(odd, 1);
    try (BatchSystem other = create()) {
      other.submit(odd, 1);
    }
    List<String> tags = queue.calls("qsub").stream().map(call -> call.get(1)).toList();
    assertThat(tags)
        .doesNotHaveDuplicates()
        .allSatisfy(tag ->
            assertThat(tag).matches("[A-Za-z0-9_][A-Za-z0-9_-]*\\.run\\.[0-9a-f]{6}-[0-9]+"));
  }

  @Test
  void tellsARefusalInItsOwnWordsAndDoesNotTryAgain() {
    queue.trouble("qsub", FakeQueue.exit(1, "qsub: error: no such queue"));
    assertThatThrownBy(() -> system.submit(job(), 3))
        .isInstanceOfSatisfying(
            SubmissionException.class, e -> assertThat(e.retryable()).isFalse())
        .hasMessageContaining("job gpu (x3) was refused by fake")
        .hasMessageContaining("qsub gpu.run.")
        .hasMessageContaining("exit code 1")
        .hasMessageContaining("no such queue");
    assertThat(queue.calls("qsub")).hasSize(1);
    assertThat(queue.calls("qdel")).isEmpty();
  }

  @Test
  void tellsThatTheQueueIsFullAndLeavesItToOthersToTryLess() {
    queue.trouble("qsub", FakeQueue.exit(28, "qsub: would exceed your limit of jobs"));
    assertThatThrownBy(() -> system.submit(job(), 3))
        .isInstanceOfSatisfying(SubmissionException.class, e -> {
          assertThat(e.full()).isTrue();
          assertThat(e.retryable()).isTrue();
        })
        .hasMessageContaining("job gpu (x3) was not taken by fake")
        .hasMessageContaining("would exceed your limit of jobs");
    assertThat(queue.calls("qsub")).hasSize(1);
    assertThat(queue.calls("qdel")).isEmpty();
  }

  @Test
  void saysThatACommandIsNotInstalled() {
    queue.trouble("qsub", FakeQueue.absent());
    assertThatThrownBy(() -> system.submit(job(), 1))
        .isInstanceOf(SubmissionException.class)
        .hasMessageContaining("qsub was not found");
    assertThat(queue.calls("qdel")).isEmpty();
  }

  @Test
  void cancelsASubmissionThatMayHaveArrivedBeforeItTriesAgain() {
    queue.trouble("qsub", FakeQueue.hangAfterwards());
    List<JobId> jobs = system.submit(job(), 2);
    List<List<String>> submitted = queue.calls("qsub");
    assertThat(submitted).hasSize(2);
    assertThat(submitted.get(0).get(1)).isNotEqualTo(submitted.get(1).get(1));
    assertThat(queue.calls("qdel"))
        .containsExactly(List.of("qdel", "-t", submitted.get(0).get(1)));
    assertThat(queue.queue.keySet()).containsExactlyElementsOf(ids(jobs));
    assertThat(time.waits()).hasSize(1);
  }

  @Test
  void cancelsADoubtfulSubmissionOnceMoreLaterAndAtTheEnd() {
    queue.trouble("qsub", FakeQueue.hang());
    JobId job = system.submit(job(), 1).get(0);
    List<String> cancel = queue.calls("qdel").get(0);
    for (int i = 0; i < 5; i++) {
      ask(job);
    }
    assertThat(queue.calls("qdel")).containsExactly(cancel, cancel);
    system.close();
    assertThat(queue.calls("qdel")).hasSize(4).contains(cancel, atIndex(3));
  }

  @Test
  void triesACancelAgainThatWasNotHeard() {
    queue.trouble("qsub", FakeQueue.hangAfterwards());
    queue.trouble("qdel", FakeQueue.exit(1, "down"), FakeQueue.hang());
    JobId job = system.submit(job(), 1).get(0);
    assertThat(queue.queue).hasSize(2);
    ask(job);
    assertThat(queue.queue).hasSize(2);
    ask(job);
    assertThat(queue.queue.keySet()).containsExactly(job.id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "garbage", "1.0\n1.0\n", "1.0\n1.1\n1.2\n"})
  void doesNotTrustAnAnswerThatDoesNotNameEachCopy(String answer) {
    queue.trouble("qsub", FakeQueue.say(answer));
    List<JobId> jobs = system.submit(job(), 2);
    assertThat(jobs).hasSize(2);
    assertThat(queue.calls("qdel")).hasSize(1);
  }

  @Test
  void cancelsAndDoesNotSubmitAgainWhatNobodyUnderstands() {
    queue.trouble("qsub", FakeQueue.say(FakeQueue.AMBIGUOUS));
    assertThatThrownBy(() -> system.submit(job(), 2))
        .isInstanceOf(SubmissionException.class)
        .hasMessageContaining("cannot be understood")
        .hasMessageContaining("were cancelled");
    assertThat(queue.calls("qsub")).hasSize(1);
    assertThat(queue.calls("qdel")).hasSize(1);
    assertThat(queue.queue).isEmpty();
  }

  @Test
  void givesUpAfterAFewAttemptsAndAMinute() {
    queue.trouble("qsub", FakeQueue.exit(2, "down"), FakeQueue.hang());
    for (int i = 0; i < 10; i++) {
      queue.trouble("qsub", FakeQueue.exit(2, "still down"));
    }
    assertThatThrownBy(() -> system.submit(job(), 1))
        .isInstanceOfSatisfying(
            SubmissionException.class, e -> assertThat(e.retryable()).isTrue())
        .hasMessageMatching("(?s).* in [78] attempts.*still down.*");
    List<Duration> waits = time.waits();
    Duration all = Duration.ZERO;
    for (int i = 0; i < waits.size(); i++) {
      long most = Math.min(60_000, 1000L << i);
      assertThat(waits.get(i)).isBetween(Duration.ofMillis(most / 2), Duration.ofMillis(most));
      assertThat(all).isLessThan(Duration.ofMinutes(1));
      all = all.plus(waits.get(i));
    }
    assertThat(all).isGreaterThanOrEqualTo(Duration.ofMinutes(1));
    assertThat(queue.calls("qdel")).hasSizeGreaterThanOrEqualTo(waits.size() + 1);
  }

  @Test
  void restoresAnInterruptAndCancelsWhatMayHaveArrived() {
    queue.trouble("qsub", (command, real) -> {
      CommandResult unused = real.run(command, null, Duration.ZERO);
      throw new InterruptedException();
    });
    assertThatThrownBy(() -> system.submit(job(), 1)).isInstanceOf(MusterException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(queue.queue).hasSize(1);
    system.close();
    assertThat(queue.queue).isEmpty();
  }

  @Test
  void deletesTheEnvironmentOfItsOwnJobsWhenTheyAreOver() throws IOException {
    JobId unused = system.submit(job(), 1).get(0);
    Path script;
    try (Stream<Path> all = Files.list(directory.resolve("jobs"))) {
      script = all.filter(each -> each.toString().endsWith(".sh")).findFirst().orElseThrow();
    }
    String tag = script.getFileName().toString().replaceFirst("\\.sh$", "");
    Path own = Files.writeString(script.resolveSibling(tag + ".env"), "export TOKEN=secret");
    Path other = Files.writeString(script.resolveSibling("other.env"), "export TOKEN=secret");
    queue.trouble("qdel", FakeQueue.exit(1, "down"));
    system.close();
    assertThat(own).doesNotExist();
    assertThat(other).exists();
  }

  // States

  @Test
  void asksOncePerIntervalHoweverManyAsk() {
    List<JobId> jobs = system.submit(job(), 500);
    for (JobId job : jobs) {
      StatusReport unused = system.status(Set.of(job));
    }
    assertThat(queue.calls("qstat")).hasSize(1);
    time.pass(Duration.ofMillis(999));
    StatusReport early = system.status(Set.copyOf(jobs));
    assertThat(queue.calls("qstat")).hasSize(1);
    time.pass(Duration.ofMillis(1));
    assertThat(system.status(Set.copyOf(jobs))).isEqualTo(early);
    assertThat(queue.calls("qstat")).hasSize(2);
    assertThat(queue.calls("qstat").get(1)).hasSize(501);
  }

  @Test
  void takesTheIntervalOfTheExecution() {
    config.put("poll_interval", "30s");
    system = create();
    JobId job = system.submit(job(), 1).get(0);
    StatusReport unused = system.status(Set.of(job));
    time.pass(Duration.ofSeconds(29));
    unused = system.status(Set.of(job));
    assertThat(queue.calls("qstat")).hasSize(1);
    time.pass(Duration.ofSeconds(1));
    unused = system.status(Set.of(job));
    assertThat(queue.calls("qstat")).hasSize(2);
  }

  @Test
  void asksTheNextSourceOnlyAboutThoseThatTheFirstDoesNotKnow() {
    List<JobId> jobs = system.submit(job(), 3);
    queue.finish(jobs.get(1), "0");
    ask(jobs.get(0));
    assertThat(queue.calls("qacct")).containsExactly(List.of("qacct", "1.1"));
  }

  @Test
  void doesNotAskAboutJobsThatAreOver() {
    List<JobId> jobs = system.submit(job(), 2);
    queue.finish(jobs.get(0), "0");
    ask(jobs.get(0));
    int asked = queue.calls.size();
    ask(jobs.get(0));
    assertThat(queue.calls).hasSize(asked);
    ask(jobs.get(1));
    assertThat(queue.calls("qstat").get(1)).containsExactly("qstat", "1.1");
  }

  @Test
  void anEndIsFinal() {
    JobId job = system.submit(job(), 1).get(0);
    JobId other = system.submit(job(), 1).get(0);
    queue.finish(job, "3");
    JobStatus end = status(job);
    queue.set(job, "R");
    ask(other);
    assertThat(status(job)).isEqualTo(end);
  }

  @Test
  void aJobMayBeRequeued() {
    JobId job = system.submit(job(), 1).get(0);
    queue.set(job, "R");
    assertThat(status(job)).isInstanceOf(JobStatus.Running.class);
    queue.set(job, "Q (requeued)");
    assertThat(status(job)).isEqualTo(new JobStatus.Pending("(requeued)"));
  }

  @Test
  void theExitCodeFileDecidesWhereNobodyKnows() throws Exception {
    List<JobId> jobs = system.submit(job(), 3);
    queue.queue.clear();
    exitFile(jobs.get(0), "0");
    exitFile(jobs.get(1), "77");
    exitFile(jobs.get(2), "nonsense");
    assertThat(status(jobs.get(0))).isEqualTo(new JobStatus.Ended(End.SUCCEEDED, 0, null));
    assertThat(status(jobs.get(1))).isEqualTo(new JobStatus.Ended(End.FAILED, 77, null));
    assertThat(((JobStatus.Ended) status(jobs.get(2))).end()).isEqualTo(End.LOST);
  }

  @Test
  void theExitCodeFileFillsInWhatTheSourceDoesNotSay() throws Exception {
    List<JobId> jobs = system.submit(job(), 2);
    queue.finish(jobs.get(0), "ok");
    queue.finish(jobs.get(1), "gone");
    exitFile(jobs.get(0), "0");
    exitFile(jobs.get(1), "9");
    assertThat(status(jobs.get(0))).isEqualTo(new JobStatus.Ended(End.SUCCEEDED, 0, null));
    assertThat(status(jobs.get(1))).isEqualTo(new JobStatus.Ended(End.FAILED, 9, "gone"));
  }

  private void exitFile(JobId job, String text) throws IOException {
    String tag = queue.calls("qsub").get(0).get(1);
    int index = Integer.parseInt(job.id().substring(2));
    Files.writeString(JobScript.exitFile(directory.resolve("jobs"), tag, index), text + "\n");
  }

  @Test
  void aJobThatNobodyKnowsIsLostAfterTwoPolls() {
    JobId job = system.submit(job(), 1).get(0);
    queue.set(job, "R");
    ask(job);
    queue.forget(job);
    assertThat(status(job)).isEqualTo(new JobStatus.Running("node1"));
    assertThat(((JobStatus.Ended) status(job)).end()).isEqualTo(End.LOST);
  }

  @Test
  void aJobThatComesBackWasNotLost() {
    JobId job = system.submit(job(), 1).get(0);
    for (int i = 0; i < 3; i++) {
      queue.forget(job);
      ask(job);
      queue.set(job, "R");
      assertThat(status(job)).isInstanceOf(JobStatus.Running.class);
    }
  }

  @Test
  void nothingIsLostWhileASourceCannotBeAsked() {
    JobId job = system.submit(job(), 1).get(0);
    queue.forget(job);
    for (int i = 0; i < 5; i++) {
      queue.trouble("qacct", FakeQueue.exit(1, "accounting is down"));
      assertThat(status(job)).isEqualTo(new JobStatus.Pending(null));
    }
    queue.accounting.put(job.id(), "0");
    assertThat(status(job)).isEqualTo(new JobStatus.Ended(End.SUCCEEDED, 0, null));
  }

  @Test
  void aSecondSourceThatKnowsNothingIsNoAnswerWhileTheFirstIsAway() {
    JobId job = system.submit(job(), 1).get(0);
    queue.trouble("qstat", FakeQueue.exit(1, "down"));
    assertThat(system.status(Set.of(job))).isInstanceOf(StatusReport.Unavailable.class);
  }

  @Test
  void backsOffWhileTheBatchSystemIsAwayAndLosesNothing() {
    List<JobId> jobs = system.submit(job(), 2);
    queue.accounts = false;
    queue.trouble("qstat", FakeQueue.exit(1, "down"), FakeQueue.hang(), FakeQueue.say("garbage"));
    for (int i = 0; i < 40; i++) {
      queue.trouble("qstat", FakeQueue.exit(1, "Unable to contact"));
    }
    assertThat(system.status(Set.copyOf(jobs)))
        .isInstanceOfSatisfying(
            StatusReport.Unavailable.class,
            report -> assertThat(report.reason()).contains("down").contains("qstat 1.0 1.1"));
    for (int second = 0; second < 600; second++) {
      time.pass(Duration.ofSeconds(1));
      assertThat(system.status(Set.copyOf(jobs))).isInstanceOf(StatusReport.Unavailable.class);
    }
    // 2, 4, 8, 16, 32 and then 60 seconds at most, between half and all of it.
    assertThat(queue.calls("qstat").size()).isBetween(13, 27);
    queue.troubles.clear();
    queue.finish(jobs.get(0), "0");
    queue.set(jobs.get(1), "R");
    queue.accounts = true;
    assertThat(status(jobs.get(0))).isEqualTo(new JobStatus.Ended(End.SUCCEEDED, 0, null));
    assertThat(status(jobs.get(1))).isInstanceOf(JobStatus.Running.class);
    int asked = queue.calls("qstat").size();
    time.pass(Duration.ofSeconds(1));
    StatusReport unused = system.status(Set.copyOf(jobs));
    assertThat(queue.calls("qstat")).hasSize(asked + 1);
  }

  @Test
  void jobsThatHadEndedAreCancelledWhenTheBatchSystemComesBack() {
    JobId done = system.submit(job(), 1).get(0);
    JobId other = system.submit(job(), 1).get(0);
    queue.finish(done, "0");
    assertThat(status(done)).isInstanceOf(JobStatus.Ended.class);
    queue.accounts = false;
    queue.trouble("qstat", FakeQueue.exit(1, "down"));
    ask(other);
    assertThat(queue.calls("qdel")).isEmpty();
    queue.set(done, "R"); // it comes back with an older state
    for (int i = 0; i < 5; i++) {
      ask(other);
    }
    String tag = queue.calls("qsub").get(0).get(1);
    assertThat(queue.calls("qdel").get(0)).containsExactly("qdel", "-t", tag);
    assertThat(queue.queue.keySet()).containsExactly(other.id());
  }

  @Test
  void aBatchSystemThatComesAndGoesLosesNothing() {
    List<JobId> jobs = system.submit(job(), 50);
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      if (random.nextBoolean()) {
        queue.trouble("qstat", FakeQueue.exit(1, "down"));
        queue.trouble("qacct", FakeQueue.hang());
      }
      JobId job = jobs.get(random.nextInt(jobs.size()));
      if (queue.queue.containsKey(job.id())) {
        if (random.nextInt(4) == 0) {
          queue.finish(job, "0");
        } else {
          queue.set(job, random.nextBoolean() ? "R" : "Q");
        }
      }
      ask(job);
    }
    queue.troubles.clear();
    for (JobId job : List.copyOf(jobs)) {
      queue.finish(job, queue.accounting.getOrDefault(job.id(), "0"));
      assertThat(status(job)).isEqualTo(new JobStatus.Ended(End.SUCCEEDED, 0, null));
    }
  }

  @Test
  void readsALogFileAgainOnlyWhenItHasChanged() throws Exception {
    queue.log = directory.resolve("events.log");
    JobId job = system.submit(job(), 1).get(0);
    queue.forget(job);
    Files.writeString(queue.log, "1.0 R\n");
    assertThat(status(job)).isInstanceOf(JobStatus.Running.class);
    assertThat(queue.calls("qstat")).isEmpty();
    FileTime changed = Files.getLastModifiedTime(queue.log);
    Files.writeString(queue.log, "1.0 Q\n"); // not to be seen: same size, same time
    Files.setLastModifiedTime(queue.log, changed);
    assertThat(status(job)).isInstanceOf(JobStatus.Running.class);
    Files.writeString(queue.log, "1.0 R\n1.0 3\n");
    assertThat(status(job)).isEqualTo(new JobStatus.Ended(End.FAILED, 3, null));
    assertThat(queue.calls("qstat")).isEmpty();
  }

  @Test
  void aStateThatNobodyKnowsIsUnknown() {
    JobId job = system.submit(job(), 1).get(0);
    queue.set(job, "dreaming");
    assertThat(status(job)).isEqualTo(new JobStatus.Unknown("dreaming"));
    assertThat(status(new JobId("99.9"))).isInstanceOf(JobStatus.Unknown.class);
  }

  @Test
  void asksWhyJobsWaitOncePerSubmissionAndMinute() {
    List<JobId> jobs = system.submit(job(), 20);
    JobId told = system.submit(job(), 1).get(0);
    queue.set(told, "Q busy");
    for (int second = 0; second < 121; second++) {
      time.pass(Duration.ofSeconds(1));
      StatusReport unused = system.status(Set.copyOf(jobs));
    }
    assertThat(queue.calls("qwhy")).hasSize(2);
    assertThat(status(jobs.get(19)))
        .isEqualTo(new JobStatus.Impossible("no machine is large enough"));
    assertThat(status(told)).isEqualTo(new JobStatus.Pending("busy"));
    queue.set(jobs.get(3), "R");
    ask(jobs.get(3));
    assertThat(status(jobs.get(19))).isNotInstanceOf(JobStatus.Running.class);
  }

  @Test
  void asksAtOnceWhyJobsAreInAMarkedState() {
    List<JobId> jobs = system.submit(job(), 3);
    queue.marked = new JobStatus.Held("held by hand");
    queue.set(jobs.get(0), "H");
    queue.set(jobs.get(1), "H");
    assertThat(((StatusReport.Answered) ask(jobs.get(0), jobs.get(1), jobs.get(2))).statuses())
        .isEqualTo(Map.of(
            jobs.get(0), new JobStatus.Impossible("no machine is large enough"),
            jobs.get(1), new JobStatus.Impossible("no machine is large enough"),
            jobs.get(2), new JobStatus.Pending(null)));
    assertThat(queue.calls("qwhy")).hasSize(1);
    queue.set(jobs.get(0), "R");
    queue.why = "";
    assertThat(status(jobs.get(0))).isEqualTo(new JobStatus.Running("node1"));
    assertThat(status(jobs.get(1))).isEqualTo(new JobStatus.Held("held by hand"));
    assertThat(queue.calls("qwhy")).hasSize(4); // twice of the held one, and of the one that waits
  }

  @Test
  void restoresAnInterruptOfAQuestion() {
    JobId job = system.submit(job(), 1).get(0);
    queue.trouble("qstat", (command, real) -> {
      throw new InterruptedException();
    });
    assertThat(system.status(Set.of(job))).isInstanceOf(StatusReport.Unavailable.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(status(job)).isEqualTo(new JobStatus.Pending(null));
  }

  @Test
  void nobodyWaitsForASlowQuestion() throws Exception {
    JobId job = system.submit(job(), 2).get(0);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    queue.trouble("qstat", (command, real) -> {
      asked.countDown();
      answer.await();
      return real.run(command, null, Duration.ZERO);
    });
    Thread slow = new Thread(() -> system.status(Set.of(job)));
    slow.start();
    try {
      asked.await();
      assertThat(status(job)).isEqualTo(new JobStatus.Pending(null));
      assertThat(system.submit(job(), 1)).hasSize(1);
      system.cancel(Set.of(job));
      assertThat(queue.accounting).containsEntry(job.id(), "X");
      system.close();
      assertThat(queue.queue).isEmpty();
    } finally {
      answer.countDown();
      slow.join();
    }
  }

  // Cancelling

  @Test
  void cancelsManyWithOneCommandAndNoneThatIsOver() {
    List<JobId> jobs = system.submit(job(), 4);
    queue.finish(jobs.get(3), "0");
    ask(jobs.get(3));
    system.cancel(Set.of(jobs.get(0), jobs.get(1), jobs.get(3), new JobId("99.9")));
    assertThat(queue.calls("qdel")).containsExactly(List.of("qdel", "1.0", "1.1"));
    assertThat(((JobStatus.Ended) status(jobs.get(0))).end()).isEqualTo(End.CANCELLED);
    system.cancel(Set.of(jobs.get(3)));
    assertThat(queue.calls("qdel")).hasSize(1);
  }

  @Test
  void aCancelThatWasNotHeardIsTriedAgain() {
    JobId job = system.submit(job(), 1).get(0);
    queue.trouble("qdel", FakeQueue.exit(1, "down"), FakeQueue.hang());
    system.cancel(Set.of(job));
    assertThat(status(job)).isEqualTo(new JobStatus.Pending(null));
    assertThat(((JobStatus.Ended) status(job)).end()).isEqualTo(End.CANCELLED);
  }

  @Test
  void aCancelledJobThatVanishesIsCancelled() {
    JobId job = system.submit(job(), 1).get(0);
    system.cancel(Set.of(job));
    queue.accounting.clear();
    ask(job);
    assertThat(((JobStatus.Ended) status(job)).end()).isEqualTo(End.CANCELLED);
  }

  @Test
  void closeCancelsByTagWhatIsNotOver() {
    List<JobId> first = system.submit(job(), 2);
    List<JobId> second = system.submit(job(), 1);
    first.forEach(job -> queue.finish(job, "0"));
    ask(first.get(0));
    system.close();
    system.close();
    String tag = queue.calls("qsub").get(1).get(1);
    assertThat(queue.calls("qdel")).containsExactly(List.of("qdel", "-t", tag));
    assertThat(((JobStatus.Ended) status(second.get(0))).end()).isEqualTo(End.CANCELLED);
    assertThatThrownBy(() -> system.submit(job(), 1)).isInstanceOf(MusterException.class);
  }

  @Test
  void closeCancelsManySubmissionsWithOneCommand() {
    for (int i = 0; i < 50; i++) {
      List<JobId> unused = system.submit(job(), 1);
    }
    system.close();
    assertThat(queue.calls("qdel")).hasSize(1);
    assertThat(queue.queue).isEmpty();
  }

  @Test
  void closeTriesAgainAndKeepsAnInterrupt() {
    system.submit(job(), 1);
    queue.trouble("qdel", FakeQueue.exit(1, "down"), (command, real) -> {
      throw new InterruptedException();
    });
    Thread.currentThread().interrupt();
    system.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(queue.queue).isEmpty();
  }

  private static List<String> ids(List<JobId> jobs) {
    return jobs.stream().map(JobId::id).toList();
  }
}
