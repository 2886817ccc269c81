package dev.muster.cli.site;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Looks through folders that change meanwhile. */
final class Folders {
  private Folders() {}

  /**
   * Returns the files below a folder that are wanted; what goes meanwhile, and what is not for this user, is left out.
   */
  static List<Path> files(Path folder, Predicate<Path> wanted) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(folder, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        if (attributes.isRegularFile() && wanted.test(file)) {
          found.add(file);
        }
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFileFailed(Path file, IOException error) throws IOException {
        return known(error);
      }

      @Override
      public FileVisitResult postVisitDirectory(Path directory, IOException error)
          throws IOException {
        return error == null ? FileVisitResult.CONTINUE : known(error);
      }

      private FileVisitResult known(IOException error) throws IOException {
        if (error instanceof NoSuchFileException || error instanceof AccessDeniedException) {
          return FileVisitResult.CONTINUE;
        }
        throw error;
      }
    });
    return found;
  }
}
