package dev.muster.batch.spi;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The words of one batch system: how jobs are described, and what its commands say.
 *
 * <p>Pure: it runs nothing and keeps nothing. One engine, in core, runs all dialects: it writes files and runs commands
 * with a time limit, asks for the states of all jobs at once and once per interval, keeps states monotonic, tries again
 * what may be tried again, and reads exit-code files. Dialects are thread-safe.
 *
 * @since 0.1
 */
public interface BatchDialect {
  /** Returns the name of the batch system, for example {@code slurm}. */
  String name();

  /**
   * Returns the keys of {@link JobSpec#config()} that it honours; the engine's own, {@link JobOptions#COMMON}, need not
   * be among them.
   */
  Set<String> options();

  /**
   * Describes jobs, all of them in one call of the batch system.
   *
   * @param spec the job
   * @param copies how many, 1 or more
   * @param tag a name for this submission that no other has: letters, digits, {@code _}, {@code .} and {@code -}
   * @param directory the folder for its files; they are named after the tag
   * @throws dev.muster.error.MusterException if an option or a quantity cannot be honoured; names it
   */
  Submission submission(JobSpec spec, int copies, String tag, Path directory);

  /**
   * Tells whether it can send files to jobs, {@link dev.muster.execution.Staging#TRANSFER}. Where it cannot, the engine
   * refuses such a job. Default: no.
   */
  default boolean transfers() {
    return false;
  }

  /**
   * Returns the commands that hand a job its files, in order. The engine runs them when it hears that the job runs; if
   * one fails, that one and those after it again for a while; and all once more if the job has been put back into the
   * queue and runs again. Only asked for jobs with {@link dev.muster.execution.Staging#TRANSFER}. Default: none, as the
   * files go with the submission. One may find out by itself that the job can do without a file,
   * {@link JobSpec#unless}.
   *
   * <p>A command may take as long as the job's option {@link JobOptions#TRANSFER_TIMEOUT} says, which a dialect with
   * such commands honours.
   *
   * @param tag the tag of its submission
   */
  default List<List<String>> sendCommands(JobSpec spec, JobId job, String tag) {
    return List.of();
  }

  /**
   * Returns the command that says which of these jobs have left what is to be fetched ({@link JobSpec#parcels}), or
   * null, the default, if that comes back by itself. Only asked for jobs that run and have parcels; all at once, and
   * once per interval.
   */
  default @Nullable List<String> leavingCommand(Set<JobId> jobs) {
    return null;
  }

  /** Reads what {@link #leavingCommand} answered. Never throws. Default: none. */
  default Set<JobId> leaving(CommandResult answer) {
    return Set.of();
  }

  /**
   * Returns the commands that fetch what a job has left, and then let it end. The engine runs them as it runs {@link
   * #sendCommands}. Default: none.
   *
   * @param tag the tag of its submission
   */
  default List<List<String>> fetchCommands(JobSpec spec, JobId job, String tag) {
    return List.of();
  }

  /**
   * Reads what a submission answered. What it cannot read is {@link SubmitOutcome.Unclear}, never an exception.
   *
   * @param copies how many were submitted
   */
  SubmitOutcome submitted(CommandResult answer, int copies);

  /**
   * Returns what can be asked for the states of jobs, in order of preference: each is asked only about the jobs that
   * those before did not know.
   *
   * <p>Log files are read first. Then the engine asks the first command, lets the list be made again for the jobs that
   * are still unknown, asks its second command, and so on; so how many commands there are must not depend on the jobs.
   *
   * @param arrays the jobs in question, one or more
   */
  List<StatusSource> statusSources(List<JobArray> arrays);

  /**
   * Reads the states that a source told. Jobs that it does not know are absent; a state that the dialect does not know
   * is {@link JobStatus.Unknown}; an answer that says that the question could not be answered, or that cannot be read,
   * is {@link StatusReport.Unavailable}. Never throws. Answers of several sources are told apart by their commands; a
   * {@link ShellCommand} has a name for that.
   *
   * @param asked the jobs that the question is about
   */
  StatusReport statuses(CommandResult answer, Set<JobId> asked);

  /** Returns the command that ends jobs. */
  List<String> cancelCommand(Set<JobId> jobs);

  /**
   * Returns the command that ends all jobs submitted under a tag, also those whose ids nobody heard. Its exit code is 0
   * also when there are none any more: a process that outlives this JVM looks at nothing else, and runs it again until it
   * has succeeded.
   */
  List<String> cancelCommand(String tag);

  /**
   * Returns the command that lists the jobs of a tag, or null, the default, if there is none: then jobs of which nobody
   * heard whether they were submitted are ended when their run goes on.
   */
  default @Nullable List<String> findCommand(String tag) {
    return null;
  }

  /**
   * Reads what {@link #findCommand} answered: {@link SubmitOutcome.Accepted} with all jobs of the submission if one of
   * them is there, {@link SubmitOutcome.Rejected} if it says that there is none, else {@link SubmitOutcome.Unclear}.
   * Never throws.
   *
   * @param copies how many were submitted
   */
  default SubmitOutcome found(CommandResult answer, int copies) {
    return new SubmitOutcome.Unclear(answer.describe());
  }

  /**
   * Tells whether a command that ends jobs was heard: they will end, or were gone already. Default: whether its exit
   * code is 0. Never throws.
   */
  default boolean cancelled(CommandResult answer) {
    return answer.ok();
  }

  /**
   * Returns the command that says which version of the batch system is there and that it answers, for example
   * {@code sinfo --version}.
   */
  List<String> versionCommand();

  /**
   * Returns the command that says how many copies one submission may have, or null, the default, if there is no limit.
   */
  default @Nullable List<String> mostCopiesCommand() {
    return null;
  }

  /**
   * Reads what {@link #mostCopiesCommand} answered: 1 or more. Never throws. Where the answer does not say, the limit
   * that such systems have by default. Default: any number.
   */
  default int mostCopies(CommandResult answer) {
    return Integer.MAX_VALUE;
  }

  /**
   * Looks once more at how a job ended, with the end of its error log, where that says more than the batch system does:
   * of memory, for example. Asked only of jobs that ended as {@link JobStatus.End#FAILED}. Never throws. Default: as it
   * was told.
   *
   * @param errorLog the last lines of what the job and the batch system wrote to its standard error; may be empty
   */
  default JobStatus.Ended ended(JobStatus.Ended told, String errorLog) {
    return told;
  }

  /**
   * Returns the command that says how the error logs of jobs end whose files were sent, or null, the default, if logs
   * come back by themselves. Only asked for jobs with {@link dev.muster.execution.Staging#TRANSFER} that did not end
   * well; what it says becomes {@link JobSpec#errFile}.
   */
  default @Nullable List<String> logTailsCommand(Set<JobId> jobs) {
    return null;
  }

  /**
   * Reads what {@link #logTailsCommand} answered: the ends of error logs, of those jobs that left one. Never throws.
   * Default: none.
   */
  default Map<JobId, String> logTails(CommandResult answer) {
    return Map.of();
  }

  /** Returns a command that says why a job waits, or null if the states say so already, the default. */
  default @Nullable List<String> explainCommand(JobId job) {
    return null;
  }

  /**
   * Marks a state that calls for an explanation and has none of its own, such as a hold without a reason: then {@link
   * #explainCommand} is asked as soon as a job is in it, and not, as about jobs that wait, after some polls. It is
   * asked once per submission, state and minute. Default: none.
   */
  default boolean explainsAtOnce(JobStatus status) {
    return false;
  }

  /**
   * Reads what {@link #explainCommand} answered: {@link JobStatus.Impossible}, {@link JobStatus.Held}, or
   * {@link JobStatus.Pending} with a reason. Never throws.
   */
  default JobStatus explained(CommandResult answer) {
    return new JobStatus.Pending(null);
  }
}
