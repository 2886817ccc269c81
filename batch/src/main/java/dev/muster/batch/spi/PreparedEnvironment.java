package dev.muster.batch.spi;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a worker's job needs to have its software.
 *
 * <p>Immutable and thread-safe.
 *
 * @param files files to bring, absolute, all in one folder; the setup finds them in the folder {@code "$MUSTER_FILES"}
 * @param unless which of the files a job can do without, and when: lines for bash that succeed on a worker's machine
 *     that has what the file brings; see {@link dev.muster.batch.spi.JobSpec#unless}. If the setup misses it all the
 *     same, it says so
 * @param setup lines for the job's shell, bash, run in order before the worker starts; what they export the worker has.
 *     Whatever comes from outside is quoted with {@link dev.muster.code.ShellWords}
 * @param python the interpreter: a path, or a name that is found on the {@code PATH} which the setup exports; null for
 *     the one that {@code config.python} of the pool or the execution names
 * @param variables environment variables; a {@code PYTHONPATH} comes after what the backend itself needs
 * @since 0.1
 */
public record PreparedEnvironment(
    List<Path> files,
    Map<Path, String> unless,
    List<String> setup,
    @Nullable String python,
    Map<String, String> variables) {
  public PreparedEnvironment {
    files = List.copyOf(files);
    unless = Collections.unmodifiableMap(new LinkedHashMap<>(unless));
    setup = List.copyOf(setup);
    variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
  }

  /** Makes one that needs all its files everywhere. */
  public PreparedEnvironment(
      List<Path> files,
      List<String> setup,
      @Nullable String python,
      Map<String, String> variables) {
    this(files, Map.of(), setup, python, variables);
  }
}
