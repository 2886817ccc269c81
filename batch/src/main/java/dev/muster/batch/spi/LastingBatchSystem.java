package dev.muster.batch.spi;

import java.util.List;
import java.util.function.Consumer;

/**
 * A batch system whose jobs can outlive this JVM: one that is driven by its commands, or this host where jobs are no
 * child processes. Thread-safe.
 *
 * @since 0.1
 */
public interface LastingBatchSystem extends BatchSystem {
  /**
   * Submits jobs as {@link #submit} does, which go on if this JVM dies. {@link #close} cancels them as it cancels
   * others.
   *
   * @param recorder takes the tag of each submission before the batch system hears of it. Whoever knows the tag can
   *     end the jobs, also those of a submission whose answer nobody heard, so it should be on disk when this
   *     returns. What it throws ends the submission
   */
  List<JobId> submitLasting(JobSpec spec, int copies, Consumer<String> recorder);

  /**
   * Takes over jobs that another process submitted: {@link #status} and {@link #cancel} know them from now on, {@link
   * #close} leaves them as they are.
   *
   * @param spec the job, as far as it is known: its name and its folder for logs say where those are
   * @param jobs the jobs, all of one submission, in order
   */
  void watch(JobSpec spec, JobArray jobs);

  /**
   * Takes over jobs as {@link #watch} does, but as its own: {@link #close} cancels them as those that it submitted.
   *
   * @param jobs the jobs, all of one submission, in order; some may be over
   */
  void adopt(JobSpec spec, JobArray jobs);

  /**
   * Finds the jobs of a submission whose answer nobody heard. May block as {@link #status} may.
   *
   * @param tag the tag of the submission
   * @param copies how many jobs it had
   * @return its jobs; {@link SubmitOutcome.Rejected} if the batch system has none of this tag; {@link
   *     SubmitOutcome.Unclear} if it cannot be asked, and whether it is worth asking again
   */
  SubmitOutcome find(String tag, int copies);

  /**
   * Asks for the end of all jobs of a submission.
   *
   * @return whether the batch system heard it: they will end, or are gone
   */
  boolean cancelTag(String tag);

  /**
   * Returns how many copies of a job one submission may have here at most. The batch system is asked the first time;
   * where it does not say, it is what systems of its kind take by default.
   */
  int mostCopies();
}
