package dev.muster.batch.spi;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How jobs are handed to a batch system: the command, the files that are written before it runs, and its input. It can
 * be printed before anything is submitted.
 *
 * <p>A command may leave the environment that jobs are to have in the folder of the files, in the file {@code
 * TAG.env}, {@link #ENVIRONMENT}. It may hold secrets, so only its owner may read it; it is deleted once no job needs it any
 * more.
 *
 * <p>Immutable and thread-safe.
 *
 * @param command the program and its arguments; no shell reads them
 * @param files the files to write and their texts, in order
 * @param input what the command reads from standard input, or null for nothing
 * @since 0.1
 */
public record Submission(
    List<String> command, Map<Path, String> files, @Nullable String input) {
  /** The end of the name of a file with the environment of jobs. */
  public static final String ENVIRONMENT = ".env";

  /**
   * Returns a command for {@code sh} that leaves the environment in the file that is its first argument, {@code "$1"}:
   * {@link JobScript#carriedEnvironment} takes it from there. Where a batch system would hand it over, others may see
   * it.
   *
   * @param own names of variables of a job, in which this process may run, that another one must not have
   */
  public static String keepEnvironment(List<String> own) {
    return "(umask 077; unset " + String.join(" ", own) + " PWD OLDPWD SHLVL; export -p >\"$1\")";
  }

  public Submission {
    if (command.isEmpty()) {
      throw new IllegalArgumentException("a submission needs a command");
    }
    command = List.copyOf(command);
    files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
  }
}
