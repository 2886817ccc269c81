package dev.muster.internal.file;

import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** Checks what was in a folder before Muster writes there. */
final class OwnTree extends SimpleFileVisitor<Path> {
  /** Folders of outputs are deleted with all that they hold before they are used. */
  private static final String OUTPUTS = "outputs";

  private OwnTree() {}

  /** See {@link OwnFiles#checkAll}. */
  static void check(Path path) throws IOException {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.walkFileTree(path, new OwnTree());
    }
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
      throws IOException {
    OwnFiles.checkFolder(folder);
    return folder.endsWith(OUTPUTS) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    Owner owner = Owner.of(file);
    if (owner.isLink()) {
      throw refused(file, "is a symbolic link, and may lead elsewhere");
    }
    if (!owner.isMine()) {
      throw refused(file, "belongs to user number " + owner.uid());
    }
    return FileVisitResult.CONTINUE;
  }

  private static MusterException refused(Path file, String why) {
    return new MusterException("cannot write to the folder " + file.getParent() + ": " + file + " "
        + why + "; delete it or choose another folder");
  }
}
