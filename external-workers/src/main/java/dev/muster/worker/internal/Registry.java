package dev.muster.worker.internal;

import dev.muster.internal.process.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the launchers of workers by name. Immutable and thread-safe.
 *
 * @param folders the registries, the first wins; absolute
 */
record Registry(List<Path> folders) {
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{N}._+-]*");

  /** The languages of launchers. */
  enum Form {
    /** Python with its own dependencies: {@code main.py}. */
    PYTHON,
    /** A program or a script. */
    PROGRAM
  }

  /**
   * What starts a worker.
   *
   * @param form its language
   * @param file the program or the {@code main.py}
   */
  record Launcher(Form form, Path file) {
    /** Tells whether the folder is the worker's own. */
    boolean inFolder() {
      return String.valueOf(file.getFileName()).startsWith("main.");
    }

    /** Returns its folder. */
    Path folder() {
      return java.util.Objects.requireNonNull(file.getParent());
    }
  }

  /** Thrown where there is no launcher; the message says what was looked for where. */
  static final class Missing extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    Missing(String message) {
      super(message);
    }
  }

  Registry {
    folders = List.copyOf(folders);
  }

  /**
   * Returns the launcher of a worker.
   *
   * @param form its language, or null for the one that is found first in a registry: Python before programs
   * @param path the search path for programs, or null for this process's
   * @throws Missing if there is none
   */
  Launcher find(String worker, @Nullable Form form, @Nullable String path) {
    if (!NAME.matcher(worker).matches()) {
      throw new Missing(
          "the worker's name '" + worker
              + "' is none: it may have letters, digits and . _ + -, and begins with a letter, digit or _");
    }
    List<Path> looked = new ArrayList<>();
    for (Path folder : folders) {
      Launcher found = in(folder, worker, form, looked);
      if (found != null) {
        return found;
      }
    }
    List<String> names = List.of("tkr-" + worker.replace('_', '-'), "tkr_" + worker);
    if (form != Form.PYTHON) {
      for (String name : names) {
        Path program = Programs.find(name, path, null);
        if (program != null) {
          return new Launcher(Form.PROGRAM, program);
        }
      }
    }
    String places = looked.stream().map(Path::toString).collect(Collectors.joining(", "));
    throw new Missing("there is no worker '" + worker + "': "
        + (folders.isEmpty() ? "no registry is named" : "none of " + places + " is there")
        + (form == Form.PYTHON ? "" : ", and no " + String.join(" or ", names) + " is on PATH"));
  }

  private static @Nullable Launcher in(
      Path registry, String worker, @Nullable Form form, List<Path> looked) {
    Path own = registry.resolve(worker);
    Path inner = own.resolve("tkr_" + worker + "_impl");
    if (form != Form.PROGRAM) {
      for (Path file : List.of(own.resolve("main.py"), inner.resolve("main.py"))) {
        if (Files.isRegularFile(file)) {
          return new Launcher(Form.PYTHON, file);
        }
        looked.add(file);
      }
    }
    if (form == Form.PYTHON) {
      return null;
    }
    for (Path file : List.of(own, own.resolve("main.sh"), inner.resolve("main.sh"))) {
      if (Files.isRegularFile(file)) {
        if (!Files.isExecutable(file)) {
          throw new Missing("the worker '" + worker + "' cannot be started: " + file
              + " is not executable; try chmod +x");
        }
        return new Launcher(Form.PROGRAM, file);
      }
      looked.add(file);
    }
    return null;
  }
}
