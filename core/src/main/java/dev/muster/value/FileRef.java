package dev.muster.value;

import java.nio.file.Path;

/**
 * A file that stands for a value: what a stage returns when its output is too large, or of no use, in memory.
 *
 * <p>{@link ValueEncoding} writes it {@code {"$file": "/absolute/path"}}. Immutable and thread-safe.
 *
 * @param path the file, made absolute
 * @since 0.1
 */
public record FileRef(Path path) {
  public FileRef {
    path = path.toAbsolutePath().normalize();
  }

  /** Returns a reference to {@code path}. */
  public static FileRef of(Path path) {
    return new FileRef(path);
  }
}
