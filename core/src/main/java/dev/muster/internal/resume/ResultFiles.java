package dev.muster.internal.resume;

import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
    if (folder != null && named.isEmpty() && isEmpty(folder)) {
      return List.of();
    }
    Set<Path> all = new TreeSet<>();
    try {
      if (folder != null && Files.isDirectory(folder)) {
        all.addAll(FileStates.below(folder));
      }
      for (Path each : named) {
        if (folder == null || !each.startsWith(folder) || !Files.isDirectory(each)) {
          all.add(each);
        }
      }
      if (all.size() > MOST_FILES) {
        return null;
      }
      List<SavedFile> files = new ArrayList<>();
      for (Path each : all) {
        SavedFile file = SavedFile.of(each);
        if (file == null) {
          return null;
        }
        files.add(file);
      }
      return files;
    } catch (IOException e) {
      log.debug("the files of a result cannot be kept: {}", IoErrors.describe(e));
      return null;
    }
  }

  /** Tells whether there is nothing in a folder, as there is in that of most tasks. */
  private static boolean isEmpty(Path folder) {
    String[] names = folder.toFile().list(); // no exceptions, no attributes of each
    return names != null && names.length == 0 && !Files.isSymbolicLink(folder);
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
