package dev.muster.batch.backend;

import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What carries out tasks inside of jobs: Python files, which travel in the jar, the task runtime among them.
 * Thread-safe.
 */
final class RunnerFiles {
  private static final String START = "muster_start.py";

  private RunnerFiles() {}

  /** Writes the files into a folder, which is to be on the module path of Python. */
  static void extract(Path folder) {
    URL start = Objects.requireNonNull(
        RunnerFiles.class.getResource("python/" + START), "the jar lacks " + START);
    try {
      if (!start.getProtocol().equals("jar")) {
        copy(Objects.requireNonNull(Path.of(start.toURI()).getParent()), folder);
      } else if (start.openConnection() instanceof JarURLConnection connection) {
        Path jar = Path.of(connection.getJarFileURL().toURI());
        try (FileSystem files = FileSystems.newFileSystem(jar)) {
          Path found = files.getPath("/" + connection.getEntryName());
          copy(Objects.requireNonNull(found.getParent()), folder);
        }
      }
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot write the Python files of the jobs to " + folder, e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the Python files of the jobs lie in " + start, e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(from)) {
      files = all.filter(file -> file.toString().endsWith(".py")).toList();
    }
    for (Path file : files) {
      Path target = to.resolve(from.relativize(file).toString());
      Files.createDirectories(Objects.requireNonNull(target.getParent()));
      Files.copy(file, target);
    }
  }
}
