package dev.muster.spi;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A copy of an output that a later run can read: the output itself, or a file that holds it. Immutable and thread-safe.
 *
 * @param value the output, if it lies in no file
 * @param file the file that holds it, or null; it is not changed any more
 * @param bytes whether the file holds it as it is; otherwise as {@link dev.muster.value.ValueEncoding} writes it
 * @param names the files that the output in the file names
 * @since 0.1
 */
public record OutputCopy(
    @Nullable Object value, @Nullable Path file, boolean bytes, List<Path> names) {
  public OutputCopy {
    names = List.copyOf(names);
  }

  /** Returns the output itself as a copy. */
  public static OutputCopy of(@Nullable Object value) {
    return new OutputCopy(value, null, false, List.of());
  }
}
