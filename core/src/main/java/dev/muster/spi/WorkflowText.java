package dev.muster.spi;

import dev.muster.error.SourceLocation;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A YAML file that was read, with the places of its values. Immutable and thread-safe.
 *
 * @since 0.1
 */
public interface WorkflowText {
  /** Returns the file as it was given. */
  Path file();

  /**
   * Returns a value as plain Java (null, Boolean, String, Number, List or Map), or null if there is none.
   *
   * @param path keys of mappings and indices of lists, from the top; nothing for the whole file
   */
  @Nullable
  Object value(Object... path);

  /**
   * Returns where a value stands: its key in a mapping, or itself in a list. Returns the place of what surrounds it if
   * it is not there.
   *
   * @param path keys of mappings and indices of lists, from the top
   */
  SourceLocation place(Object... path);
}
