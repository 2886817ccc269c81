package dev.muster.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * What lies in a folder. Links are not followed.
 *
 * @param bytes the sizes of its files, added up
 * @param files how many entries were looked at
 * @param whole whether all were: none beyond a limit, and none that cannot be read
 */
record RunTree(long bytes, long files, boolean whole) {
  /**
   * Adds up what is there now; what goes away meanwhile does not count.
   *
   * @param most how many entries are looked at
   */
  static RunTree of(Path folder, long most) throws IOException {
    Walk walk = new Walk(most);
    Files.walkFileTree(folder, walk);
    return new RunTree(walk.bytes, walk.files, walk.whole);
  }

  private static final class Walk extends SimpleFileVisitor<Path> {
    private final long most;
    private long bytes;
    private long files;
    private boolean whole = true;

    Walk(long most) {
      this.most = most;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (files >= most) {
        whole = false;
        return FileVisitResult.TERMINATE;
      }
      files++;
      bytes += attributes.size();
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      whole &= e instanceof NoSuchFileException;
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
      whole &= e == null;
      return FileVisitResult.CONTINUE;
    }
  }
}
