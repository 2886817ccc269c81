package dev.muster.internal.process;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Finds programs as a shell does. Thread-safe. */
public final class Programs {
  private static final String USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";

  private Programs() {}

  /**
   * Returns the absolute path of a program, or null if it is not there or cannot be executed.
   *
   * @param name its name, looked for on the search path, or a path
   * @param searchPath folders separated by colons, or null for this process's {@code PATH}
   * @param directory where a relative path is taken from, or null for the current folder
   */
  public static @Nullable Path find(
      String name, @Nullable String searchPath, @Nullable Path directory) {
    Path base = directory == null ? Path.of("") : directory;
    try {
      if (name.contains("/")) {
        return executable(base.resolve(name));
      }
      String path = searchPath != null ? searchPath : System.getenv("PATH");
      for (String folder : (path == null ? USUAL_PATH : path).split(File.pathSeparator, -1)) {
        Path program = executable(base.resolve(folder).resolve(name));
        if (program != null) {
          return program;
        }
      }
      return null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static @Nullable Path executable(Path path) {
    return Files.isRegularFile(path) && Files.isExecutable(path)
        ? path.toAbsolutePath().normalize()
        : null;
  }
}
