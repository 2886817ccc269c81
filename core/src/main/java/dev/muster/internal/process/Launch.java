package dev.muster.internal.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A command to start. Immutable and thread-safe.
 *
 * @param argv the program, a path, and its arguments
 * @param cwd the folder in which it runs
 * @param environment all its environment variables
 * @param stdin the file that it reads, or null for none
 * @param logs the files that it writes
 * @param measured whether somebody wants to know how much memory it used
 * @param marks the variables that get the {@link ProcessMark} by which what it starts is found; empty if it may start
 *     what serves others too, as runtimes of containers do: of such a command only its session is ended
 * @param grace how long it has to end by itself after it was asked to
 */
public record Launch(
    List<String> argv,
    Path cwd,
    Variables environment,
    @Nullable Path stdin,
    Logs logs,
    boolean measured,
    Collection<String> marks,
    Duration grace) {
  /** Copies what it is given. */
  public Launch {
    argv = List.copyOf(argv);
    marks = List.copyOf(marks);
  }

  /**
   * The files for standard output and standard error.
   *
   * @param lazy whether they are there only if something was printed; otherwise they have to be there before
   */
  public record Logs(Path stdout, Path stderr, boolean lazy) {}
}
