package dev.muster.pixi;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file, folder or link that goes into an archive.
 *
 * @param name its name in the archive, with {@code /} and without one at the end
 * @param path where it is now
 * @param kind what it is
 * @param mode its permissions, {@code 0} to {@code 0777}
 * @param size its size in bytes; 0 for what is no file
 * @param modified when it was last changed, in nanoseconds since 1970
 * @param inode its number in the file system
 * @param target where a link leads, relative; null for what is no link
 */
record Entry(
    String name,
    Path path,
    Kind kind,
    int mode,
    long size,
    long modified,
    long inode,
    @Nullable String target) {
  enum Kind {
    FILE('0'),
    LINK('2'),
    FOLDER('5');

    final char tar;

    Kind(char tar) {
      this.tar = tar;
    }
  }
}
