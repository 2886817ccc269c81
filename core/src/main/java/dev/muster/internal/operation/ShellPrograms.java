package dev.muster.internal.operation;

import dev.muster.code.ShellWords;
import dev.muster.internal.process.Programs;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Finds the programs of a stage's commands, each once. Thread-safe. */
final class ShellPrograms {
  private final Map<Name, Path> found = new ConcurrentHashMap<>();

  private record Name(String program, @Nullable String searchPath, Path cwd) {}

  /**
   * Returns a command with its program as an absolute path.
   *
   * @param searchPath the {@code PATH} that the command gets, or null if it is that of this process
   * @param cwd the folder in which it runs
   * @throws TaskException if there is no such program, or it cannot be executed; says why
   */
  List<String> inPlace(List<String> argv, @Nullable String searchPath, Path cwd) {
    if (argv.isEmpty()) {
      throw unusable("was not found", argv, cwd);
    }
    String program = argv.get(0);
    // Only a relative path, in the command or on the search path, depends on the folder.
    boolean anywhere = !program.contains("/") && absolute(searchPath);
    Name name = new Name(program, searchPath, anywhere ? Path.of("/") : cwd);
    Path path = found.get(name);
    if (path == null) {
      path = find(argv, searchPath, cwd);
      if (anywhere) {
        found.put(name, path);
      }
    }
    List<String> placed = new ArrayList<>(argv);
    placed.set(0, path.toString());
    return placed;
  }

  private static boolean absolute(@Nullable String searchPath) {
    String path = searchPath != null ? searchPath : System.getenv("PATH");
    for (int at = 0; path != null && at >= 0; ) {
      if (!path.startsWith("/", at)) {
        return false;
      }
      int colon = path.indexOf(':', at);
      at = colon < 0 ? -1 : colon + 1;
    }
    return true;
  }

  private static Path find(List<String> argv, @Nullable String searchPath, Path cwd) {
    Path path = Programs.find(argv.get(0), searchPath, cwd);
    if (path == null) {
      throw unusable(Programs.missing(argv.get(0), searchPath, cwd), argv, cwd);
    }
    String interpreter = Programs.missingInterpreter(path);
    if (interpreter != null) {
      throw unusable("needs " + interpreter + ", which is not there", argv, cwd);
    }
    return path;
  }

  /** Looks for all again: one could not be started. */
  void forget() {
    found.clear();
  }

  private static TaskException unusable(String why, List<String> argv, Path cwd) {
    return new TaskException(
        FailureKind.OPERATION,
        "the program of the command " + why + ": " + ShellOperation.brief(ShellWords.join(argv))
            + "\nin " + cwd,
        null);
  }
}
