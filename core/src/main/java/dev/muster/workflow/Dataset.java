package dev.muster.workflow;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.Visible;
import dev.muster.value.JsonValues;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A named group of input files with attributes such as {@code eventtype: mc}.
 *
 * <p>Immutable and thread-safe.
 *
 * @param name the dataset's name, not blank
 * @param files its files as given: paths, URLs, or anything else that the operations understand; relative paths are
 *     taken from the workflow file's folder
 * @param events how many events each file holds, in the order of {@code files}; empty if not known
 * @param attributes all else that is said of it; {@code applies_to} selects by these and by {@code name}
 * @since 0.1
 */
@CheckReturnValue
public record Dataset(
    String name, List<String> files, List<Long> events, Map<String, @Nullable Object> attributes) {
  public Dataset {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a dataset needs a name");
    }
    if (name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "the name of a dataset has a NUL character: " + Visible.line(name));
    }
    files = List.copyOf(files);
    events = List.copyOf(events);
    if (!events.isEmpty() && events.size() != files.size()) {
      throw new IllegalArgumentException("dataset " + name + " has " + files.size() + " files but "
          + events.size() + " event counts");
    }
    for (long count : events) {
      if (count < 0) {
        throw new IllegalArgumentException("dataset " + name + " has a negative event count");
      }
    }
    attributes = JsonValues.copyOf(attributes);
  }

  /** Returns a dataset of {@code files} without attributes. */
  public static Dataset of(String name, String... files) {
    return new Dataset(name, List.of(files), List.of(), Map.of());
  }
}
