package dev.muster.spi;

import dev.muster.code.Carries;
import dev.muster.plan.Plan;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Executes ready tasks somewhere.
 *
 * <p>Readiness, retries, timeouts, routing and state belong to the engine, once for all backends; a backend takes tasks
 * whose inputs are there and reports how they end. Providers have a public constructor without parameters and are
 * thread-safe.
 *
 * @since 0.1
 */
public interface Backend {
  /**
   * Returns the name by which executions choose it, for example {@code dask}: lower-case letters, digits, {@code -} and
   * {@code .}.
   */
  String name();

  /**
   * Gets ready for a run. Called once per run that needs it, by a thread of the run that is interrupted if the run is
   * cancelled meanwhile; may block while workers are being started, but need not wait for them.
   *
   * @throws dev.muster.error.MusterException if it cannot work; it has released everything before
   */
  BackendSession open(BackendContext context);

  /**
   * Gets ready for several runs that share workers. Must not block: workers are started for the first run that needs
   * them. Default: null, each run has workers of its own and there is no site for this backend.
   *
   * @param id the id of the site, for names of threads and processes
   */
  default @Nullable BackendSite openSite(String id) {
    return null;
  }

  /**
   * Finds what is wrong with the stages and options of a plan, without starting or writing anything. Called whenever a
   * plan is checked, and before a run starts. There is no run: the context's directory need not exist, and its sink,
   * bodies, outputs and processes are not there. {@link BackendContext#openOperations} and the environment of workers
   * check what they would get ready, and note what is wrong. Must not block. Does nothing
   * by default.
   *
   * @throws dev.muster.error.WorkflowException if the workflow cannot run here; lists all that is wrong, with paths
   * such as {@code stage A.op}, {@code execution.config.KEY} or {@code pool P.config.KEY}
   */
  default void check(BackendContext context) {}

  /**
   * Returns which code it carries out. A stage whose code it does not is an error before the start. Default: {@link
   * Carries#everything}, as tasks in this JVM do.
   */
  default Carries carries() {
    return Carries.everything();
  }

  /**
   * Returns why results of the tasks of a plan are not kept for later runs, in a few words for the user, or null if
   * they are: then tasks that are as they were do not run again in a run that goes on from another. Must not block.
   * Default: they are not kept.
   */
  default @Nullable String unrecorded(Plan plan) {
    return "results of the backend " + name() + " are not kept";
  }

  /**
   * Says which tasks may be at work, or done, since an earlier process of a run began them and is gone: their names,
   * each with a few words for the user on what becomes of it in a run that goes on. Looks at files only. Default: none.
   *
   * @param directory the run's directory
   */
  default Map<String, String> leftBehind(Path directory) {
    return Map.of();
  }

  /**
   * Tells whether {@link #open} never blocks: then it is called on the thread that starts the run, which hands over the
   * first tasks too. Default: false.
   */
  default boolean opensAtOnce() {
    return false;
  }

  /**
   * Returns the names of the options of an execution or a pool that it honours, or null, the default, if it takes
   * whatever comes. An option that neither a backend that says so nor its strategy honours is an error.
   */
  default @Nullable Set<String> options() {
    return null;
  }

  /**
   * Tries out the workers of each pool, one at a time or all at once, and tells what it finds. Blocks; ends what it
   * started before it returns. Default: there is nothing to try.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  default void probe(ProbeContext context) throws InterruptedException {}
}
