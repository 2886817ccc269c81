package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.SubmitOutcome;
import dev.muster.error.MusterException;
import dev.muster.execution.Staging;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every dialect of a batch system must do, as tests: extend it, and give the dialect and examples of what its
 * commands answer.
 *
 * <p>The dialect's scripts are run with {@code bash}; nothing is submitted. Not thread-safe.
 *
 * @since 0.1
 */
public abstract class BatchDialectContract {
  private static final String TAG = "pool.run.a1b2c3-7";
  private static final Map<String, Object> WRONG = Map.of("wrong", List.of(1));

  /** A folder for files. */
  @TempDir
  protected @Nullable Path folder;

  /** Creates the tests. */
  protected BatchDialectContract() {}

  /** Returns the dialect to test. */
  protected abstract BatchDialect dialect();

  /** Returns a good value for each of the dialect's own options, {@link BatchDialect#options()}. */
  protected abstract Map<String, Object> options();

  /**
   * Returns those of its options whose value is taken as it is, by design. Default: {@code job_extra_directives} and
   * those of {@link JobScript}.
   */
  protected Set<String> verbatim() {
    Set<String> names = new java.util.HashSet<>(JobScript.OPTIONS);
    names.add("job_extra_directives");
    return names;
  }

  /**
   * Returns the variables that the batch system sets for copy {@code index} of a submission and that the script needs.
   */
  protected abstract Map<String, String> jobEnvironment(int index);

  /**
   * Brings a job its files as the batch system does without {@link BatchDialect#sendCommands}, and returns the
   * variables that the script of a job whose files are sent needs, with a {@code PATH} on which stand-ins for the
   * commands of the script and of {@code sendCommands} are found first. Only asked for dialects that transfer. Default:
   * {@link #jobEnvironment}.
   */
  protected Map<String, String> deliver(JobSpec spec, int index) throws IOException {
    return jobEnvironment(index);
  }

  /**
   * Tells whether the batch system is known to read directives above the first command of a script only. Default: false,
   * so no line of a text may look like one.
   */
  protected boolean directivesAtTheTopOnly() {
    return false;
  }

  /**
   * Adds what a job whose files are sent needs for tests on this machine, for example another place for its folder.
   * Default: nothing.
   */
  protected void prepareSent(JobSpec.Builder job) {}

  /** Returns what the submission's command answers when the batch system took {@code jobs.size()} copies. */
  protected abstract CommandResult accepted(List<JobId> jobs);

  /** Returns ids as the batch system gives them to the copies of one submission. */
  protected abstract List<JobId> ids(int copies);

  /** Returns answers to a submission that will be refused again. */
  protected abstract List<CommandResult> rejections();

  /** Returns answers to a submission that may be taken later, or of which nobody knows whether it was taken. */
  protected abstract List<CommandResult> unclear();

  /**
   * Returns well-formed answers about jobs, at least one for each source that the dialect has; each tells the state of
   * all of the jobs.
   */
  protected abstract List<CommandResult> answers(List<JobId> jobs);

  /** Returns a well-formed answer that gives a job a state that nobody knows. */
  protected abstract CommandResult unknownState(JobId job);

  /**
   * Returns what its commands answer about a job that is held or in an error state: the answer of a source, and behind
   * it, where {@link BatchDialect#explainsAtOnce} marks that state, the one of {@link BatchDialect#explainCommand}.
   *
   * @param why the batch system's words for the reason; they are somewhere in one of the answers
   * @return empty if jobs are never held there
   */
  protected abstract List<CommandResult> held(JobId job, String why);

  /**
   * Returns what {@link BatchDialect#findCommand} answers when the jobs of a submission are there. Only asked for
   * dialects that have that command. Default: throws.
   */
  protected CommandResult listed(List<JobId> jobs) {
    throw new UnsupportedOperationException("give an answer that lists " + jobs);
  }

  private Path base() {
    return Objects.requireNonNull(folder);
  }

  private JobSpec job(Map<String, ?> config) {
    JobSpec.Builder spec = JobSpec.builder("pool", List.of("run", "it"), base())
        .logs(base().resolve("logs"))
        .quantities(Quantities.builder().cpus(1).build());
    config.forEach(spec::config);
    return spec.build();
  }

  private JobSpec rich(Map<String, ?> config) {
    return job(config).toBuilder()
        .quantities(Quantities.builder().cpus(2).memory("1GB").gpus(1).build())
        .build();
  }

  private JobSpec sent(Map<String, Object> config) {
    Path file = base().resolve("file");
    JobSpec.Builder spec = job(Map.of()).toBuilder()
        .files(List.of(file))
        .unless(Map.of(file, "false"))
        .staging(dialect().transfers() ? Staging.TRANSFER : Staging.SHARED);
    prepareSent(spec);
    config.forEach(spec::config);
    return spec.build();
  }

  private String text(JobSpec spec) {
    return SubmissionText.of(submission(spec, 2));
  }

  private Submission submission(JobSpec spec, int copies) {
    return dialect().submission(spec, copies, TAG, base());
  }

  @Test
  void namesItselfAndItsOptions() {
    assertThat(dialect().name()).matches("[a-z0-9.-]+");
    Set<String> own = new java.util.HashSet<>(dialect().options());
    own.removeAll(JobOptions.COMMON);
    own.removeAll(JobScript.OPTIONS);
    assertThat(options().keySet()).as("examples of all options").containsAll(own);
    assertThat(dialect().versionCommand()).isNotEmpty().doesNotContain("");
  }

  @Test
  void describesTheSameJobInTheSameWay() {
    JobSpec spec = job(options());
    assertThat(SubmissionText.of(submission(spec, 3)))
        .isEqualTo(SubmissionText.of(submission(spec, 3)));
  }

  @Test
  void submitsAnyNumberOfCopiesInOneCommand() {
    int one = SubmissionText.of(submission(job(Map.of()), 1)).length();
    int many = SubmissionText.of(submission(job(Map.of()), 1000)).length();
    assertThat(many - one).as("what 999 more copies add, in characters").isLessThan(100);
  }

  @Test
  void marksEachSubmissionWithItsTag() {
    Submission submission = submission(job(Map.of()), 2);
    assertThat(SubmissionText.of(submission)).contains(TAG);
    for (Path file : submission.files().keySet()) {
      assertThat(file.toAbsolutePath().getParent()).isEqualTo(base().toAbsolutePath());
      assertThat(file.getFileName().toString()).startsWith(TAG);
    }
    assertThat(dialect().submission(job(Map.of()), 2, TAG + "1", base()).files().keySet())
        .doesNotContainAnyElementsOf(submission.files().keySet());
  }

  @TestFactory
  Stream<DynamicTest> eachOptionShowsInTheSubmission() {
    return options().entrySet().stream()
        .map(option -> DynamicTest.dynamicTest(option.getKey(), () -> {
          Map<String, Object> given = Map.of(option.getKey(), option.getValue());
          boolean shows = !text(job(given)).equals(text(job(Map.of())))
              // Some say more of an amount, are for jobs whose files are sent, or say more of
              // another option.
              || !text(rich(given)).equals(text(rich(Map.of())))
              || !text(sent(given)).equals(text(sent(Map.of())))
              || !text(sent(options())).equals(text(sent(without(option.getKey()))));
          assertThat(shows)
              .as("whether a submission with %s differs from one without", given)
              .isTrue();
        }));
  }

  private Map<String, Object> without(String option) {
    Map<String, Object> others = new HashMap<>(options());
    others.remove(option);
    return others;
  }

  @TestFactory
  Stream<DynamicTest> eachOptionOfAWrongTypeIsNamed() {
    return Stream.concat(options().keySet().stream(), JobScript.OPTIONS.stream())
        .distinct()
        .map(option -> DynamicTest.dynamicTest(
            option,
            () -> assertThatExceptionOfType(MusterException.class)
                .isThrownBy(() -> submission(job(Map.of(option, List.of(WRONG))), 1))
                .withMessageContaining(option)));
  }

  @TestFactory
  Stream<DynamicTest> noOptionCanAddALine() {
    return options().entrySet().stream()
        .filter(option -> option.getValue() instanceof String)
        .filter(option -> !verbatim().contains(option.getKey()))
        .map(option -> DynamicTest.dynamicTest(option.getKey(), () -> {
          String hostile = option.getValue() + "\nMUSTER_ADDED_LINE";
          try {
            assertThat(SubmissionText.lines(submission(job(Map.of(option.getKey(), hostile)), 1)))
                .noneMatch(line -> line.strip().startsWith("MUSTER_ADDED_LINE"));
          } catch (MusterException e) {
            assertThat(e).hasMessageContaining(option.getKey());
          }
        }));
  }

  @TestFactory
  Stream<DynamicTest> eachQuantityShowsOrIsRefused() {
    Map<String, Quantities> quantities = new LinkedHashMap<>();
    quantities.put("cpus", Quantities.builder().cpus(3).build());
    quantities.put(
        "memory", Quantities.builder().cpus(1).memory(MemorySize.parse("3GB")).build());
    quantities.put("gpus", Quantities.builder().cpus(1).gpus(2).build());
    quantities.put("nodes", Quantities.builder().cpus(1).nodes(2).build());
    quantities.put(
        "tasks_per_node", Quantities.builder().cpus(1).tasksPerNode(3).build());
    String without = SubmissionText.of(submission(job(Map.of()), 1));
    return quantities.entrySet().stream()
        .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> {
          JobSpec spec = job(Map.of()).toBuilder().quantities(each.getValue()).build();
          try {
            assertThat(SubmissionText.of(submission(spec, 1))).isNotEqualTo(without);
          } catch (MusterException e) {
            assertThat(e.getMessage()).isNotBlank();
          }
        }));
  }

  @Test
  void quotesEveryText() throws Exception {
    HostileJob hostile = new HostileJob(base());
    Path scripts = base().resolve("scripts");
    Submission submission = dialect().submission(hostile.spec(), 1, TAG, scripts);
    hostile.run(HostileJob.script(submission), jobEnvironment(0));
    assertThat(JobScript.exitFile(scripts, TAG, 0)).hasContent("0");
  }

  @Test
  void noTextBecomesADirective() {
    assumeFalse(directivesAtTheTopOnly(), "directives are read at the top only");
    Set<String> marks = new HashSet<>();
    SubmissionText.lines(submission(job(Map.of()), 1)).stream()
        .filter(line -> line.matches("#\\S+ .*") && !line.startsWith("#!"))
        .forEach(line -> marks.add(line.substring(0, line.indexOf(' '))));
    for (String mark : marks) {
      String evil = "one\n" + mark + " MUSTER_EVIL\n";
      JobSpec spec = job(Map.of()).toBuilder()
          .command(List.of("sh", "-c", evil))
          .variable("TEXT", evil)
          .build();
      assertThat(SubmissionText.lines(submission(spec, 1)))
          .noneMatch(line -> line.startsWith(mark) && line.contains("MUSTER_EVIL"));
    }
  }

  @Test
  void givesEachCopyItsIndexAndReportsItsExitCode() throws Exception {
    Path scripts = base().resolve("scripts");
    JobSpec spec = JobSpec.builder(
            "pool", List.of("sh", "-c", "exit $((40 + MUSTER_JOB_INDEX))"), base())
        .build();
    Path script = HostileJob.script(dialect().submission(spec, 3, TAG, scripts));
    for (int index = 0; index < 3; index++) {
      ProcessBuilder builder = new ProcessBuilder("/bin/bash", script.toString())
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().putAll(jobEnvironment(index));
      assertThat(builder.start().waitFor()).isEqualTo(40 + index);
      assertThat(JobScript.exitFile(scripts, TAG, index)).hasContent("" + (40 + index));
    }
  }

  @Test
  void bringsFilesToJobsThatSeeNoFolderOfTheSubmitHost() throws Exception {
    assumeTrue(dialect().transfers(), "the dialect cannot send files");
    new SentJob(dialect(), base(), this::prepareSent, this::deliver).check(ids(3));
  }

  @Test
  void readsTheIdsOfAllCopies() {
    for (int copies : List.of(1, 2, 100)) {
      List<JobId> jobs = ids(copies);
      assertThat(jobs).hasSize(copies).doesNotHaveDuplicates();
      assertThat(dialect().submitted(accepted(jobs), copies))
          .isEqualTo(new SubmitOutcome.Accepted(jobs));
    }
  }

  @Test
  void tellsARefusalFromWhatMayWorkLater() {
    assertThat(rejections())
        .isNotEmpty()
        .allSatisfy(answer -> assertThat(dialect().submitted(answer, 1))
            .as(answer.describe())
            .isInstanceOfSatisfying(
                SubmitOutcome.Rejected.class,
                rejected -> assertThat(rejected.reason()).isNotBlank()));
    assertThat(unclear())
        .isNotEmpty()
        .allSatisfy(answer -> assertThat(dialect().submitted(answer, 1))
            .as(answer.describe())
            .isInstanceOf(SubmitOutcome.Unclear.class));
  }

  @TestFactory
  Stream<DynamicTest> aGarbledAnswerToASubmissionIsUnclear() {
    List<String> command = accepted(ids(2)).command();
    return GarbledText.ALL.stream()
        .map(text -> DynamicTest.dynamicTest(
            GarbledText.shown(text),
            () -> assertThat(dialect().submitted(new CommandResult(command, 0, text, ""), 2))
                .isInstanceOf(SubmitOutcome.Unclear.class)));
  }

  @Test
  void findsTheJobsOfATag() {
    List<String> command = dialect().findCommand(TAG);
    assumeTrue(command != null, "jobs of a tag are not listed");
    assertThat(String.join(" ", command)).contains(TAG);
    List<JobId> jobs = ids(3);
    CommandResult answer = listed(jobs);
    assertThat(dialect().found(answer, 3)).isEqualTo(new SubmitOutcome.Accepted(jobs));
    for (int length = 0; length < answer.out().length(); length++) {
      CommandResult cut =
          new CommandResult(answer.command(), 0, answer.out().substring(0, length), "");
      if (dialect().found(cut, 3) instanceof SubmitOutcome.Accepted accepted) {
        assertThat(accepted.jobs()).as(cut.describe()).isEqualTo(jobs);
      }
    }
    CommandResult failed = new CommandResult(answer.command(), 1, answer.out(), "it is away");
    assertThat(dialect().found(failed, 3)).isInstanceOf(SubmitOutcome.Unclear.class);
  }

  @TestFactory
  Stream<DynamicTest> aGarbledListOfATagIsUnclear() {
    List<String> found = dialect().findCommand(TAG);
    List<String> command = found == null ? List.of() : found;
    return GarbledText.ALL.stream()
        .filter(text -> !command.isEmpty() && !text.isBlank())
        .map(text -> DynamicTest.dynamicTest(
            GarbledText.shown(text),
            () -> assertThat(dialect().found(new CommandResult(command, 0, text, ""), 2))
                .isInstanceOf(SubmitOutcome.Unclear.class)));
  }

  private List<JobArray> arrays(List<JobId> jobs) {
    return List.of(new JobArray(TAG, base().resolve("logs"), jobs));
  }

  @Test
  void asksAboutManyJobsWithAsManyCommandsAsAboutOne() {
    List<StatusSource> one = dialect().statusSources(arrays(ids(1)));
    List<StatusSource> many = dialect().statusSources(arrays(ids(500)));
    assertThat(one).isNotEmpty();
    assertThat(many).hasSameSizeAs(one);
  }

  @Test
  void readsTheStatesOfAllJobs() {
    List<JobId> jobs = ids(3);
    assertThat(answers(jobs)).isNotEmpty().allSatisfy(answer -> {
      assertThat(dialect().statuses(answer, Set.copyOf(jobs)))
          .as(answer.describe())
          .isInstanceOfSatisfying(
              StatusReport.Answered.class,
              report -> assertThat(report.statuses())
                  .containsOnlyKeys(jobs)
                  .allSatisfy((job, status) ->
                      assertThat(status).isNotInstanceOf(JobStatus.Unknown.class)));
    });
  }

  @Test
  void aStateThatNobodyKnowsIsUnknown() {
    JobId job = ids(1).get(0);
    assertThat(states(unknownState(job), Set.of(job)).get(job))
        .isInstanceOf(JobStatus.Unknown.class);
  }

  private Map<JobId, JobStatus> states(CommandResult answer, Set<JobId> asked) {
    return dialect().statuses(answer, asked) instanceof StatusReport.Answered report
        ? report.statuses()
        : Map.of();
  }

  @Test
  void anAnswerThatIsCutOffTellsNothingFalse() {
    List<JobId> jobs = ids(3);
    for (CommandResult answer : answers(jobs)) {
      Map<JobId, JobStatus> whole = states(answer, Set.copyOf(jobs));
      for (int length = 0; length < answer.out().length(); length++) {
        CommandResult cut =
            new CommandResult(answer.command(), 0, answer.out().substring(0, length), "");
        states(cut, Set.copyOf(jobs)).forEach((job, status) -> {
          if (!(status instanceof JobStatus.Unknown)) {
            assertThat(status)
                .as("state of %s after %d characters of %s", job, cut.out().length(), answer.out())
                .isEqualTo(whole.get(job));
          }
        });
      }
    }
  }

  @Test
  void aGarbledAnswerEndsNoJob() {
    List<JobId> jobs = ids(2);
    for (CommandResult answer : answers(jobs)) {
      for (String text : GarbledText.ALL) {
        for (int code : List.of(0, 1, 255)) {
          CommandResult garbled = new CommandResult(answer.command(), code, text, text);
          assertThat(states(garbled, Set.copyOf(jobs)).values())
              .as(garbled.describe())
              .noneMatch(JobStatus::ended);
        }
      }
    }
  }

  @Test
  void aGarbledAnswerAboutErrorLogsIsNoTrouble() {
    List<String> command = dialect().logTailsCommand(Set.copyOf(ids(2)));
    if (command != null) {
      for (String text : GarbledText.ALL) {
        assertThat(dialect().logTails(new CommandResult(command, 0, text, text)))
            .isNotNull();
        assertThat(dialect().logTails(new CommandResult(command, 1, text, text)))
            .isNotNull();
      }
    }
  }

  @Test
  void saysWhyAJobIsHeldAsSoonAsItIs() {
    JobId job = ids(1).get(0);
    String why = "because somebody wanted it so";
    List<CommandResult> answers = held(job, why);
    assumeFalse(answers.isEmpty(), "jobs are never held");
    JobStatus status =
        Objects.requireNonNull(states(answers.get(0), Set.of(job)).get(job), "its state");
    assertThat(status).isInstanceOf(JobStatus.Held.class);
    if (dialect().explainsAtOnce(status)) {
      assertThat(dialect().explainCommand(job)).isNotNull();
      status = dialect().explained(answers.get(1));
    } else {
      assertThat(answers).as("answers of which only the first is asked for").hasSize(1);
    }
    assertThat(status)
        .isInstanceOfSatisfying(
            JobStatus.Held.class, held -> assertThat(held.reason()).contains(why));
  }

  @Test
  void explainsWithoutFail() {
    List<String> command = dialect().explainCommand(ids(1).get(0));
    if (command != null) {
      assertThat(command).isNotEmpty();
      for (String text : GarbledText.ALL) {
        assertThat(dialect().explained(new CommandResult(command, 1, text, text)))
            .isInstanceOfAny(JobStatus.Pending.class, JobStatus.Impossible.class);
      }
    }
  }

  @Test
  void cancelsManyJobsWithOneCommand() {
    List<JobId> jobs = ids(3);
    List<String> command = dialect().cancelCommand(Set.copyOf(jobs));
    assertThat(command).isNotEmpty().noneMatch(word -> word.contains("\n"));
    // Several may have a shorter form, such as a range.
    jobs.forEach(job ->
        assertThat(String.join(" ", dialect().cancelCommand(Set.of(job)))).contains(job.id()));
    assertThat(dialect().cancelCommand(Set.of(jobs.get(0))).get(0)).isEqualTo(command.get(0));
  }

  @Test
  void cancelsByTag() {
    List<String> command = dialect().cancelCommand(TAG);
    assertThat(String.join(" ", command)).contains(TAG).doesNotContain("\n");
    assertThat(dialect().cancelCommand(TAG + "1")).isNotEqualTo(command);
  }
}
