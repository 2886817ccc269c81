package dev.muster.internal.resume;

import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of a result: those that its value names, and those in the task's folder. */
final class ResultFiles {
  private static final Logger log = LoggerFactory.getLogger(ResultFiles.class);
  private static final int MOST_FILES = 1000;

  private ResultFiles() {}

  /** Returns the files of a result, or null if one cannot be kept: a folder elsewhere, or one that is not there. */
  static @Nullable List<SavedFile> of(List<Path> named, @Nullable Path folder) {
    TreeMap<Path, SavedFile> all = new TreeMap<>();
    try {
      if (folder != null
          && Files.isDirectory(folder)
          && (Files.isSymbolicLink(folder) || !below(folder, all))) {
        return null;
      }
      for (Path each : named) {
        if (!all.containsKey(each)
            && (folder == null || !each.startsWith(folder) || !Files.isDirectory(each))
            && !add(each, SavedFile.of(each), all)) {
          return null;
        }
      }
      return List.copyOf(all.values());
    } catch (IOException e) {
      log.debug("the files of a result cannot be kept: {}", IoErrors.describe(e));
      return null;
    }
  }

  /** Adds all files below a folder; false if one cannot be kept. Each is looked at once. */
  private static boolean below(Path folder, Map<Path, SavedFile> all) throws IOException {
    // Not File.list: where the locale cannot write a name, that returns another one.
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path each : entries) {
        BasicFileAttributes found = attributes(each);
        boolean kept =
            found.isDirectory() ? below(each, all) : add(each, SavedFile.of(each, found), all);
        if (!kept) {
          return false;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return true;
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean add(Path path, @Nullable SavedFile file, Map<Path, SavedFile> all) {
    if (file != null) {
      all.put(path, file);
    }
    return file != null && all.size() <= MOST_FILES;
  }

  /** Computes the digest of a value and its files; false if it cannot be known or takes too long. */
  static boolean digest(Hasher hasher, ValueCoder coder, List<SavedFile> files) {
    hasher.add(coder.bytes(), 0, coder.size()).add(files.size());
    long size = 0;
    for (SavedFile file : files) {
      size += file.size();
    }
    try {
      for (SavedFile file : files) {
        hasher.add(file.path());
        if (size <= FileStates.LARGEST_READ) {
          FileStates.read(Path.of(file.path()), file.size(), hasher);
        }
      }
    } catch (IOException e) {
      log.debug("a file of a result cannot be read: {}", IoErrors.describe(e));
      hasher.end();
      return false;
    }
    hasher.end();
    return size <= FileStates.LARGEST_READ;
  }
}
