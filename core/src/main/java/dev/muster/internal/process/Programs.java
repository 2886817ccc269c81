package dev.muster.internal.process;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Finds programs as a shell does. Thread-safe. */
public final class Programs {
  private static final int FIRST_LINE = 512;
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

  /**
   * Says why a program cannot be found, for example {@code was not found} or {@code is a folder}.
   *
   * @param name its name, looked for on the search path, or a path
   * @param searchPath folders separated by colons, or null for this process's {@code PATH}
   * @param directory where a relative path is taken from, or null for the current folder
   */
  public static String missing(String name, @Nullable String searchPath, @Nullable Path directory) {
    Path base = directory == null ? Path.of("") : directory;
    try {
      if (name.contains("/")) {
        String why = unusable(base.resolve(name));
        return why == null ? "was not found" : why;
      }
      String path = searchPath != null ? searchPath : System.getenv("PATH");
      for (String folder : (path == null ? USUAL_PATH : path).split(File.pathSeparator, -1)) {
        Path program = base.resolve(folder).resolve(name);
        if (Files.isRegularFile(program)) {
          return "was found as " + program + ", which " + unusable(program);
        }
      }
      return "was not found";
    } catch (InvalidPathException e) {
      return "was not found";
    }
  }

  /**
   * Returns the interpreter that the first line of a script names and that is not there; null if it is, or if it is no
   * script.
   */
  public static @Nullable String missingInterpreter(Path program) {
    try (InputStream in = Files.newInputStream(program)) {
      String begin = new String(in.readNBytes(FIRST_LINE), StandardCharsets.ISO_8859_1);
      if (!begin.startsWith("#!")) {
        return null;
      }
      String line = begin.substring(2).split("\n", 2)[0];
      String interpreter = line.strip().split("[ \t]", 2)[0];
      if (line.strip().equals(interpreter) && line.endsWith("\r")) {
        return interpreter + "\\r (its lines end as on Windows; try dos2unix)";
      }
      return interpreter.startsWith("/") && find(interpreter, null, null) == null
          ? interpreter
          : null;
    } catch (IOException e) {
      return null; // it may be executable and not readable
    }
  }

  private static @Nullable String unusable(Path path) {
    if (Files.isDirectory(path)) {
      return "is a folder";
    }
    return Files.exists(path) && !Files.isExecutable(path)
        ? "is not executable; try chmod +x"
        : null;
  }

  private static @Nullable Path executable(Path path) {
    return Files.isRegularFile(path) && Files.isExecutable(path)
        ? path.toAbsolutePath().normalize()
        : null;
  }
}
