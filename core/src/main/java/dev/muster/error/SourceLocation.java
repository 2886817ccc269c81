package dev.muster.error;

/**
 * A place in a text file.
 *
 * <p>Immutable and thread-safe.
 *
 * @param file the file's name as the user gave it, or a stand-in such as {@code <string>}
 * @param line the line, from 1
 * @param column the column, from 1, in characters
 * @since 0.1
 */
public record SourceLocation(String file, int line, int column) {
  /** Returns {@code file:line:column}. */
  @Override
  public String toString() {
    return Visible.line(file) + ":" + line + ":" + column;
  }
}
