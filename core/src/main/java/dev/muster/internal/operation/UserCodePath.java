package dev.muster.internal.operation;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.muster.error.WorkflowException;
import dev.muster.internal.file.Wheels;
import dev.muster.internal.io.IoErrors;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the Python code of this host's processes finds what {@code execution.code} names: as on workers, folders,
 * Python files and wheels are on the
 * module path. Not thread-safe.
 */
final class UserCodePath implements AutoCloseable {
  private static final String VARIABLE = "PYTHONPATH";
  private static final String INIT = "__init__.py";

  private final List<String> code;
  private final Path base;
  private @Nullable Set<Path> folders;
  private @Nullable Path unpacked;

  /**
   * @param code what is named, absolute or relative to {@code base}
   */
  UserCodePath(List<String> code, Path base) {
    this.code = List.copyOf(code);
    this.base = base.toAbsolutePath().normalize();
  }

  /**
   * Adds the folders to the module path among a process's variables.
   *
   * @throws WorkflowException if something that is named is not there, or cannot be on a module path
   */
  void addTo(Map<String, String> variables) {
    if (code.isEmpty()) {
      return;
    }
    if (folders == null) {
      folders = find();
    }
    if (folders.isEmpty()) {
      return;
    }
    String more =
        variables.containsKey(VARIABLE) ? variables.get(VARIABLE) : System.getenv(VARIABLE);
    String path =
        folders.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    variables.put(
        VARIABLE, more == null || more.isEmpty() ? path : path + File.pathSeparator + more);
  }

  private Set<Path> find() {
    Set<Path> found = new LinkedHashSet<>();
    for (int i = 0; i < code.size(); i++) {
      String named = code.get(i);
      Path path = base.resolve(named).normalize();
      if (!Files.exists(path)) {
        throw new WorkflowException(
            "execution.code[" + i + "]",
            "there is no " + path + ", which execution.code names as " + named,
            "paths are relative to the workflow's folder");
      }
      Path folder = importable(path);
      if (folder != null && !folder.equals(base)) {
        if (folder.toString().contains(File.pathSeparator)) {
          throw new WorkflowException(
              "execution.code[" + i + "]",
              "the path " + path + " has a colon, so it cannot be on Python's module path",
              "move it, or give its folder another name");
        }
        found.add(folder);
      }
    }
    return found;
  }

  /** Returns the folder in which Python finds what is there, or null if it is no Python code. */
  private @Nullable Path importable(Path path) {
    String name = String.valueOf(path.getFileName());
    if (name.endsWith(".whl") && Files.isRegularFile(path)) {
      Path folder = unpackedInto().resolve(name);
      Wheels.unpack(path, folder);
      return folder;
    }
    if (Files.isDirectory(path) && !Files.exists(path.resolve(INIT))) {
      return path;
    }
    return Files.isDirectory(path) || name.endsWith(".py") ? path.getParent() : null;
  }

  private Path unpackedInto() {
    if (unpacked == null) {
      try {
        unpacked = Files.createTempDirectory("muster-code-");
      } catch (IOException e) {
        throw IoErrors.unchecked("cannot make a temporary folder for wheels", e);
      }
    }
    return unpacked;
  }

  /** Deletes what was unpacked. Idempotent. */
  @Override
  public void close() {
    Path folder = unpacked;
    unpacked = null;
    if (folder != null) {
      try {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
      } catch (IOException e) {
        throw IoErrors.unchecked("cannot delete the temporary folder " + folder, e);
      }
    }
  }
}
