package dev.muster.internal.operation;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The files that the code of a Python process came from, as {@code muster_task/codefiles.py} tells of them. Immutable
 * and thread-safe.
 *
 * @param files the files
 */
public record CodeFiles(List<CodeFile> files) {
  /** Those of a process that has told of none. */
  static final CodeFiles NONE = new CodeFiles(List.of());

  public CodeFiles {
    files = List.copyOf(files);
  }

  /**
   * A file.
   *
   * @param kind how its state is told: {@code content}, {@code times} or {@code absent}
   * @param path its path
   * @param state its state when it was imported, or null if that is not certain
   */
  public record CodeFile(String kind, String path, @Nullable String state) {}

  /** Returns these and those of a message; what cannot be read becomes a file without a state. */
  CodeFiles and(@Nullable Object message) {
    List<CodeFile> all = new ArrayList<>(files);
    if (message instanceof List<?> told) {
      for (Object each : told) {
        all.add(
            each instanceof List<?> file && file.size() == 3
                ? new CodeFile(
                    String.valueOf(file.get(0)),
                    String.valueOf(file.get(1)),
                    file.get(2) == null ? null : Objects.toString(file.get(2)))
                : new CodeFile("content", String.valueOf(each), null));
      }
    }
    return new CodeFiles(all);
  }
}
