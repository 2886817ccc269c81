package dev.muster.testkit;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A backend under the control of a test: nothing runs by itself, or everything at once in a fixed order.
 *
 * <p>With {@link #stepwise} the test says which task starts, on which of the virtual workers, and how it ends: well,
 * with any kind of failure, with its worker lost, twice, or never. With {@link #automatic} each task runs at once, on
 * the thread that hands it over, in the order of hand-over, so that a run is over when {@code Muster.start} returns
 * (but for tasks that are tried again). Either way there are no threads of its own, and it remembers
 * {@linkplain #attempts what ran where}.
 *
 * <pre>{@code
 * FakeBackend backend = FakeBackend.stepwise("local");
 * try (Run run = Muster.start(workflow, execution, RunOptions.builder().backend(backend).build())) {
 *   backend.start("Train");
 *   backend.fail("Train", FailureKind.OUT_OF_MEMORY, "too large");
 *   backend.run("Train");
 *   assertThat(run.await().succeeded()).isTrue();
 * }
 * }</pre>
 *
 * <p>Operations that a stepwise test never {@linkplain #run runs} need not exist. Tasks are named as in the plan:
 * {@code Select/ttbar.3}. A method that needs a task which is not there yet, because it waits for another attempt,
 * waits for it up to {@link #patience}. One that names a task which the plan does not have throws an
 * {@link IllegalStateException} at once. One instance serves one run after another. Thread-safe.
 *
 * @since 0.1
 */
public final class FakeBackend implements Backend {
  private final String name;
  private final boolean automatic;
  private Duration patience = Duration.ofSeconds(10);
  private @Nullable FakeSession session;
  private int opened;

  private FakeBackend(String name, boolean automatic) {
    this.name = name;
    this.automatic = automatic;
  }

  /**
   * Returns a backend whose tasks run when the test says so.
   *
   * @param name the name by which executions choose it; {@code local} takes the place of the local backend
   */
  public static FakeBackend stepwise(String name) {
    return new FakeBackend(name, false);
  }

  /**
   * Returns a backend that runs every task at once on the thread that hands it over.
   *
   * @param name the name by which executions choose it; {@code local} takes the place of the local backend
   */
  public static FakeBackend automatic(String name) {
    return new FakeBackend(name, true);
  }

  /**
   * Sets how long to wait for a task that is not there yet, and at the end of a run for operations that still run.
   * Default: 10 seconds.
   */
  public synchronized FakeBackend patience(Duration patience) {
    this.patience = patience;
    return this;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean opensAtOnce() {
    return true;
  }

  @Override
  public void check(BackendContext context) {
    if (automatic) {
      context.openOperations(); // stepwise, a test may do without the code of operations
    }
  }

  @Override
  public synchronized BackendSession open(BackendContext context) {
    if (session != null && !session.isClosed()) {
      throw new IllegalStateException("the fake backend serves another run; use one for each run");
    }
    if (automatic) {
      context.openOperations(); // stepwise, a test may do without the code of operations
    }
    opened++;
    session = new FakeSession(context, automatic, patience);
    return session;
  }

  private synchronized FakeSession session() {
    return Objects.requireNonNull(session, "no run has opened the fake backend");
  }

  /** Returns how often a run has opened it. */
  public synchronized int timesOpened() {
    return opened;
  }

  /** Tells whether the last run has closed it. */
  public boolean isClosed() {
    return session().isClosed();
  }

  /** Returns the tasks that wait for a worker, in the order in which they were handed over. */
  public List<String> queued() {
    return session().named(FakeAttempt.State.QUEUED);
  }

  /** Returns the tasks that have started and not ended, in the order in which they started. */
  public List<String> running() {
    return session().named(FakeAttempt.State.RUNNING);
  }

  /** Returns all attempts that were handed over, in that order, and how they ended. */
  public List<FakeAttempt> attempts() {
    return session().attempts();
  }

  /**
   * Starts a task on the first free worker of its pools.
   *
   * @return the worker, for example {@code gpu-0}
   * @throws IllegalStateException if the task does not come, or no worker is free
   */
  public String start(String task) {
    return session().start(task, null);
  }

  /**
   * Starts a task on a worker.
   *
   * @throws IllegalStateException if the task does not come, or the worker is busy, lost or of no pool of the task
   */
  public void start(String task, String worker) {
    session().start(task, worker);
  }

  /**
   * Runs a task's operation on the calling thread and reports how it ended; starts it first if need be. When the run
   * ends it, because it is out of time or cancelled, the operation is interrupted.
   *
   * @throws IllegalStateException if the task does not come or no worker is free
   */
  public void run(String task) {
    session().run(task);
  }

  /**
   * Runs what is queued, in that order, until nothing more is.
   *
   * @return how many attempts ran
   */
  public int runAll() {
    return session().runAll();
  }

  /** Ends a task well with {@code output}, without running its operation; starts it first if need be. */
  public void succeed(String task, @Nullable Object output) {
    session().succeed(task, output);
  }

  /** Ends a task with a failure, without running its operation; starts it first if need be. */
  public void fail(String task, FailureKind kind, String message) {
    session().fail(task, TaskFailure.of(kind, message));
  }

  /** Loses a worker: the attempts on it fail with {@link FailureKind#WORKER_LOST}, and it takes no more. */
  public void loseWorker(String worker) {
    session().lose(worker);
  }

  /** Reports once more that a task's last attempt is done, as a confused backend would; the engine must ignore it. */
  public void reportAgain(String task, @Nullable Object output) {
    session().reportAgain(task, output);
  }

  /** Says that the backend as a whole can no longer work. */
  public void breakDown(Throwable reason) {
    session().context().sink().broken(reason);
  }

  /** Returns the names of all workers that are not lost, pool after pool. */
  public List<String> workers() {
    return session().workers();
  }
}
