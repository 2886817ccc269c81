package dev.muster.spi;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files that the code of a Python process came from, as {@code muster_task/codefiles.py} tells of them: a later run
 * takes the results of the process's tasks only if these are as they were. Immutable and thread-safe.
 *
 * @param files the files, each once
 * @since 0.1
 */
public record CodeFiles(List<CodeFile> files) {
  /** Those of a process that has told of none. */
  public static final CodeFiles NONE = new CodeFiles(List.of());

  public CodeFiles {
    files = List.copyOf(files);
  }

  /**
   * The kind of a file of an installed package that the machine of a job had, and this one did not: it is compared only
   * where it is.
   */
  public static final String ELSEWHERE = "elsewhere";

  /**
   * A file.
   *
   * @param kind how its state is told: {@code content}, {@code times}, {@link #ELSEWHERE} or
   *     {@code absent}
   * @param path its path
   * @param state its state when it was imported, or null if that is not certain: then it counts as changed
   */
  public record CodeFile(String kind, String path, @Nullable String state) {}

  /**
   * Returns these and those of a message of a process; what cannot be read becomes a file without a state.
   *
   * @param message a list of files, each a list of kind, path and state
   */
  public CodeFiles and(@Nullable Object message) {
    Set<CodeFile> all = new LinkedHashSet<>(files);
    if (message instanceof List<?> told) {
      for (Object each : told) {
        all.add(
            each instanceof List<?> file && file.size() == 3
                ? new CodeFile(
                    String.valueOf(file.get(0)),
                    String.valueOf(file.get(1)),
                    file.get(2) == null ? null : Objects.toString(file.get(2)))
                : unreadable(each));
      }
    } else {
      all.add(unreadable(message));
    }
    return all.size() == files.size() ? this : new CodeFiles(List.copyOf(all));
  }

  private static CodeFile unreadable(@Nullable Object said) {
    return new CodeFile("content", String.valueOf(said), null);
  }
}
