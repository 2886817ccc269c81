package dev.muster.internal.resume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file that belongs to a result, as it was when the task had ended. Immutable and thread-safe.
 *
 * @param path its path
 * @param size its size in bytes
 * @param changed the time of its last change, in nanoseconds
 */
record SavedFile(String path, long size, long changed) {
  /** Stands for what the locale cannot write of a name: the file would not be found again. */
  private static final char UNWRITABLE = '\uFFFD';

  /** Looks at a file; null if it is no regular file, or has a name that the locale cannot write. */
  static @Nullable SavedFile of(Path path) throws IOException {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(path, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      return null;
    }
    return of(path, found);
  }

  /**
   * Returns a file from what was found of it; null as in {@link #of(Path)}.
   *
   * @param found what was found without following a link, which is then followed
   */
  static @Nullable SavedFile of(Path path, BasicFileAttributes found) throws IOException {
    if (found.isSymbolicLink()) {
      return of(path);
    }
    String text = path.toString();
    if (!found.isRegularFile() || text.indexOf(UNWRITABLE) >= 0) {
      return null;
    }
    return new SavedFile(text, found.size(), found.lastModifiedTime().to(TimeUnit.NANOSECONDS));
  }

  /** Tells whether it is still there as it was. */
  boolean isThere() {
    try {
      return equals(of(Path.of(path)));
    } catch (IOException e) {
      return false;
    }
  }
}
