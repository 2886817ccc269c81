package dev.muster.internal.process;

import dev.muster.internal.thread.RunThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A child process with all that it starts.
 *
 * <p>Where the program {@code setsid} is installed, the process leads a session of its own, and everything in that
 * session belongs to the tree, also what was left behind by a parent that has ended. Where there is {@code /proc},
 * everything that has the {@link ProcessMark} of the tree belongs to it as well, so that sessions of their own and
 * double forks are found, and what serves a process of the tree and ends soon after it. Elsewhere the tree is what
 * descends from the process while it lives. A process in a session of its own whose parent has ended has left the tree
 * if its environment does not have the mark or cannot be read.
 *
 * <p>Trees that are not closed when the JVM ends are ended then: by the {@link ProcessGuard}, or by the {@link Reaper}
 * if the JVM was killed. Thread-safe.
 */
public final class ProcessTree implements AutoCloseable {
  /** How long a tree has to end by itself after it was asked to, where nothing else is said. */
  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(ProcessTree.class);
  private static final @Nullable Path SETSID = Programs.find("setsid", null, null);

  // A tree this young is looked for among the newest processes: meanwhile process ids do not start
  // again from the lowest.
  private static final long YOUNG_NANOS = 1_000_000_000;

  private final Process process;
  private final @Nullable String mark;
  private final Duration grace;
  private final long started = System.nanoTime();
  private volatile boolean over;
  private volatile Runnable warning = () -> {};

  private ProcessTree(Process process, @Nullable String mark, Duration grace) {
    this.process = process;
    this.mark = mark;
    this.grace = grace;
  }

  /**
   * Starts a process.
   *
   * @param builder says what to start; its environment gets the mark
   * @param grace how long the tree has to end by itself before it is killed
   * @throws IOException if it cannot be started
   */
  public static ProcessTree start(ProcessBuilder builder, Duration grace) throws IOException {
    return start(builder, grace, List.of(ProcessMark.VARIABLE));
  }

  /**
   * Starts a process.
   *
   * @param builder says what to start; its environment gets the mark
   * @param grace how long the tree has to end by itself before it is killed
   * @param variables the variables that have the mark as their value, {@link ProcessMark#VARIABLE} among them
   * @throws IOException if it cannot be started
   */
  public static ProcessTree start(
      ProcessBuilder builder, Duration grace, Collection<String> variables) throws IOException {
    String mark = ProcessMark.next();
    variables.forEach(name -> builder.environment().put(name, mark));
    return start(builder, mark, grace);
  }

  /**
   * Starts a process that has no mark: it may start what serves others too, as runtimes of containers do. Its session
   * belongs to the tree all the same.
   *
   * @param builder says what to start; its environment has no mark afterwards
   * @param grace how long the tree has to end by itself before it is killed
   * @throws IOException if it cannot be started
   */
  public static ProcessTree startUnmarked(ProcessBuilder builder, Duration grace)
      throws IOException {
    builder.environment().remove(ProcessMark.VARIABLE);
    return start(builder, null, grace);
  }

  private static ProcessTree start(ProcessBuilder builder, @Nullable String mark, Duration grace)
      throws IOException {
    List<String> command = builder.command();
    ProcessGuard.expect();
    try {
      if (SETSID != null) {
        builder.command(
            Stream.concat(Stream.of(SETSID.toString()), command.stream()).toList());
      }
      String excess = CommandSize.excess(builder.command(), builder.environment());
      if (!excess.isEmpty()) {
        throw new IOException("the command is too long: " + excess);
      }
      String lost = SystemText.problem(builder.command(), builder.environment());
      if (!lost.isEmpty()) {
        throw new IOException(lost);
      }
      ProcessTree tree = new ProcessTree(ChildProcess.start(builder), mark, grace);
      ProcessGuard.add(tree);
      return tree;
    } finally {
      ProcessGuard.expected();
      builder.command(command);
    }
  }

  /** Says how the process is told that it is about to be ended, before it is asked to with a signal. */
  void warnedBy(Runnable warning) {
    this.warning = warning;
  }

  /** Returns the process that was started. */
  public Process process() {
    return process;
  }

  /** Waits for the end of the process that was started; others of the tree may live on. */
  public int waitFor() throws InterruptedException {
    return process.waitFor();
  }

  /**
   * Ends what is left of the tree as soon as the process that was started has ended; returns at once.
   *
   * @param run the id of the run that it is of
   */
  public void closeAtEnd(String run) {
    closeAtEnd(run, () -> {});
  }

  /**
   * Ends what is left of the tree as soon as the process that was started has ended; returns at once.
   *
   * @param run the id of the run that it is of
   * @param then is run when nothing is left
   */
  void closeAtEnd(String run, Runnable then) {
    // Process.onExit() would start threads of the JDK's common pool from here. On JDK 17 these keep
    // whoever started them, with the class loader.
    RunThreads.daemon("end-" + process.pid(), run, () -> {
          try {
            process.waitFor();
          } catch (InterruptedException e) {
            log.debug("nobody knows this thread", e);
          }
          close();
          then.run();
        })
        .start();
  }

  /**
   * Ends what is left of the tree: asks it to, and kills what is still there after the grace period. Returns when
   * nothing is left. Cannot be interrupted; the thread's interrupt flag is kept. Idempotent.
   */
  @Override
  public void close() {
    end(List.of(this));
  }

  /** Leaves the tree to itself: its process has ended, and nobody cares for what it may have left behind. */
  public void release() {
    forget();
  }

  private void forget() {
    over = true;
    ProcessGuard.remove(this);
  }

  /** Ends several trees at once, as {@link #close()} does; the longest grace period counts for all. */
  public static void end(Collection<ProcessTree> trees) {
    List<ProcessTree> open = trees.stream().filter(tree -> !tree.over).toList();
    if (open.isEmpty()) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      interrupted |= endAll(open);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    for (ProcessTree tree : open) {
      tree.forget();
    }
  }

  private static boolean endAll(List<ProcessTree> trees) {
    Set<Long> sessions = new HashSet<>();
    Set<String> marks = new HashSet<>();
    List<ProcessHandle> members = new ArrayList<>();
    Duration grace = Duration.ZERO;
    for (ProcessTree tree : trees) {
      tree.warning.run();
      if (SETSID != null) {
        sessions.add(tree.process.pid());
      }
      if (tree.mark != null) {
        marks.add(tree.mark);
      }
      if (tree.process.isAlive()) {
        members.add(tree.process.toHandle());
        tree.process.descendants().forEach(members::add);
      }
      grace = grace.compareTo(tree.grace) > 0 ? grace : tree.grace;
    }
    ProcessTree first = trees.get(0);
    boolean young = trees.size() == 1 && System.nanoTime() - first.started < YOUNG_NANOS;
    boolean interrupted = new Ending(
            new ProcessTable.Kin(sessions, marks), members, young ? first.process.pid() : 0)
        .run(grace);
    for (ProcessTree tree : trees) {
      interrupted |= collect(tree.process);
    }
    return interrupted;
  }

  // Lets the JVM learn that the process, which has ended, has ended.
  private static boolean collect(Process process) {
    try {
      process.waitFor(1, TimeUnit.SECONDS);
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
