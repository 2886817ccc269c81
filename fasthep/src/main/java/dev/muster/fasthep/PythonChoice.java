package dev.muster.fasthep;

import dev.muster.error.WorkflowException;
import dev.muster.execution.Layer;
import dev.muster.internal.process.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the Python that has FAST-HEP. Thread-safe. */
final class PythonChoice {
  static final String KEY = "python";
  private static final String NAME = "python3";
  private static final Path SYSTEM = Path.of("/usr/bin/python3");

  /**
   * A Python that was chosen.
   *
   * @param program absolute
   * @param said whether somebody named it; else it was looked for
   */
  record Chosen(Path program, boolean said) {}

  private PythonChoice() {}

  /**
   * Returns the Python to take: what overrides the file says, else the file, else the site, else the first one that
   * has FAST-HEP.
   *
   * @param root where relative paths are taken from
   * @throws WorkflowException if there is none
   */
  static Chosen choose(List<Layer> above, @Nullable Object file, List<Layer> below, Path root) {
    Object named = last(above);
    if (named == null) {
      named = file;
    }
    if (named == null) {
      named = last(below);
    }
    if (named != null) {
      String name = String.valueOf(named);
      Path found = Programs.find(name, null, root);
      if (found == null) {
        throw new WorkflowException(
            "execution.config.python",
            "the Python interpreter '" + name + "' " + Programs.missing(name, null, root),
            "name one that has FAST-HEP");
      }
      return new Chosen(found, true);
    }
    List<Path> candidates = new ArrayList<>();
    Path first = Programs.find(NAME, null, null);
    if (first != null) {
      candidates.add(first);
    }
    if (Files.isExecutable(SYSTEM) && !candidates.contains(SYSTEM)) {
      candidates.add(SYSTEM);
    }
    for (Path each : candidates) {
      if (Installation.of(each).hasFastHep()) {
        return new Chosen(each, false);
      }
    }
    if (candidates.isEmpty()) {
      throw new WorkflowException(
          "execution.config.python",
          "FAST-HEP needs Python, and there is no " + NAME + " on the PATH",
          "name one that has FAST-HEP, as in --set config.python=/path/to/bin/python");
    }
    return new Chosen(candidates.get(0), false); // it says itself what it lacks
  }

  private static @Nullable Object last(List<Layer> layers) {
    Object found = null;
    for (Layer layer : layers) {
      Object named = layer.execution().config().get(KEY);
      found = named == null ? found : named;
    }
    return found;
  }
}
