package dev.muster.internal.operation;

import dev.muster.code.Mount;
import dev.muster.code.Mount.Root;
import dev.muster.internal.io.IoErrors;
import dev.muster.value.FileRef;
import dev.muster.value.PythonValue;
import dev.muster.value.ValueException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders of a task on this machine that its container finds. {@code container.py} goes by the same rules. Not
 * thread-safe.
 */
final class MountedFolders {
  private static final Logger log = LoggerFactory.getLogger(MountedFolders.class);

  private final Set<Path> found = new LinkedHashSet<>();

  private MountedFolders() {}

  /**
   * Finds them.
   *
   * @param mounts what is mounted
   * @param roots the paths of each root
   */
  static Collection<Path> of(List<Mount> mounts, Map<Root, ? extends Collection<Path>> roots) {
    MountedFolders folders = new MountedFolders();
    for (Mount mount : mounts) {
      Collection<Path> paths = roots.get(mount.root());
      if (paths == null) {
        throw new IllegalArgumentException("there are no paths of " + mount.root());
      }
      for (Path path : paths) {
        Path whole = path.toAbsolutePath().normalize();
        try {
          folders.take(mount.take(), whole);
        } catch (IOException e) {
          throw IoErrors.unchecked("cannot find out where " + whole + " is", e);
        }
      }
    }
    return folders.found;
  }

  /** Returns the files and folders in a value, however deep. */
  static List<Path> paths(@Nullable Object value) {
    List<Path> paths = new ArrayList<>();
    if (value instanceof FileRef file) {
      paths.add(file.path());
    } else if (value instanceof Path path) {
      paths.add(path);
    } else if (value instanceof PythonValue) {
      try {
        paths.addAll(paths(PythonValue.readable(value, "an input")));
      } catch (ValueException e) {
        log.debug("no command reads it: {}", e.getMessage());
      }
    } else if (value instanceof Map<?, ?> map) {
      map.values().forEach(item -> paths.addAll(paths(item)));
    } else if (value instanceof Iterable<?> items) {
      items.forEach(item -> paths.addAll(paths(item)));
    }
    return paths;
  }

  private void take(Mount.Take take, Path path) throws IOException {
    switch (take) {
      case ITSELF -> found.add(path);
      case PARENT -> add(path.getParent());
      case HOLDER -> {
        boolean folder = Files.isDirectory(path);
        add(folder ? path : path.getParent());
        if (!folder && Files.exists(path)) {
          add(path.toRealPath().getParent());
        }
      }
      case PRIVATE -> {
        Path folder = path.getParent();
        found.add(folder == null || others(folder) ? path : folder);
      }
    }
  }

  private void add(@Nullable Path folder) throws IOException {
    if (folder != null && Files.isDirectory(folder)) {
      found.add(folder);
      found.add(folder.toRealPath());
    }
  }

  private static boolean others(Path folder) throws IOException {
    return Files.getPosixFilePermissions(folder).stream()
        .anyMatch(each -> !each.name().startsWith("OWNER_"));
  }
}
