package dev.muster.internal.operation;

import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the names of the files of a stage's tasks to files, one name a line. The first task with other files than the
 * one before has its own, in its folder. Those that follow with the same files, as partitions of one file do, share one
 * that can only be read, in a folder of the run: it takes longer to make a file than to start a command. Thread-safe.
 */
final class FileLists {
  private static final Logger log = LoggerFactory.getLogger(FileLists.class);

  private final @Nullable Supplier<Path> folder;
  private final String name;
  private volatile Last last = new Last(List.of(), null);
  private int number;

  /** The names of the last task, and the file that tasks share, if it is made. */
  private record Last(List<String> names, @Nullable Shared file) {}

  /** A file as it was when it was made. */
  private record Shared(Path file, long size, FileTime changed) {
    static Shared of(Path file) throws IOException {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return new Shared(file, found.size(), found.lastModifiedTime());
    }

    /** Tells whether nobody has changed it since. */
    boolean isSame() {
      try {
        return of(file).equals(this);
      } catch (IOException e) {
        return false; // it is gone
      }
    }
  }

  /**
   * Makes one.
   *
   * @param folder returns the folder of shared files, or null if each task is to have its own
   * @param name what the names of shared files begin with
   */
  FileLists(@Nullable Supplier<Path> folder, String name) {
    this.folder = folder;
    this.name = name;
  }

  /**
   * Returns a file with the names.
   *
   * @param names those of a task, none with a line break
   * @param outputs the task's folder
   */
  Path of(List<String> names, Path outputs) {
    Last known = last;
    if (folder == null || !known.names.equals(names)) {
      last = new Last(List.copyOf(names), null);
      return own(names, outputs);
    }
    Shared shared = known.file;
    if (shared != null && shared.isSame()) {
      return shared.file;
    }
    return share(names, folder.get());
  }

  private static Path own(List<String> names, Path outputs) {
    Path file = outputs.resolve("files.list");
    try {
      return OwnFiles.write(file, text(names));
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot write " + file, e);
    }
  }

  private synchronized Path share(List<String> names, Path folder) {
    Last known = last;
    if (known.names.equals(names) && known.file != null && known.file.isSame()) {
      return known.file.file; // made by another thread meanwhile
    }
    while (true) {
      Path file = folder.resolve(name + "." + ++number + ".list");
      try {
        OwnFiles.writeReadOnly(file, text(names));
        last = new Last(List.copyOf(names), Shared.of(file));
        return file;
      } catch (FileAlreadyExistsException e) {
        log.trace("of an earlier controller of the run: {}", file, e);
      } catch (IOException e) {
        throw IoErrors.unchecked("cannot write " + file, e);
      }
    }
  }

  private static String text(List<String> names) {
    return String.join("\n", names) + "\n";
  }
}
