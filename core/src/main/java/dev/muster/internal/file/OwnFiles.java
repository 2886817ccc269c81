package dev.muster.internal.file;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the folders and files that Muster writes. Folders that are there must belong to this user and be no links; one
 * of this user that others may write is closed to them, with a warning in the log. Files are made new: what has the
 * name is deleted before, and no link is followed. Whoever the umask lets may read; nobody else may write. What is
 * called secret or a program is for its owner only. Thread-safe.
 */
public final class OwnFiles {
  private static final Logger log = LoggerFactory.getLogger(OwnFiles.class);

  private static final FileAttribute<?>[] FOLDER = permissions("rwxr-xr-x");
  private static final FileAttribute<?>[] SECRET_FOLDER = permissions("rwx------");
  private static final FileAttribute<?>[] FILE = permissions("rw-r--r--");
  private static final FileAttribute<?>[] SECRET_FILE = permissions("rw-------");
  private static final FileAttribute<?>[] PROGRAM = permissions("rwx------");
  private static final FileAttribute<?>[] READ_ONLY = permissions("r--r--r--");
  private static final Set<OpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private OwnFiles() {}

  private static FileAttribute<?>[] permissions(String text) {
    return Owner.POSIX
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text))
        }
        : new FileAttribute<?>[0];
  }

  /**
   * Makes a folder whose place somebody chose, with those above it, or takes the one that is there. Unlike
   * {@link #folder} it may be reached by links of this user or root, and all that is above it is checked too.
   *
   * @param what how messages call it, for example {@code run directory}
   * @return the folder, absolute
   * @throws MusterException if another user could change or replace what is in it
   */
  public static Path root(String what, Path folder) throws IOException {
    Path absolute = folder.toAbsolutePath().normalize();
    boolean made = false;
    Parents.check(what, absolute);
    try {
      made = makeMissing(absolute);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(absolute)) {
        throw e;
      }
    }
    if (Owner.POSIX && !made) {
      own(what, absolute.toRealPath());
    }
    return absolute;
  }

  private static boolean makeMissing(Path folder) throws IOException {
    try {
      Files.createDirectory(folder, FOLDER);
    } catch (NoSuchFileException e) {
      Path parent = folder.getParent();
      if (parent == null) {
        throw e;
      }
      try {
        makeMissing(parent);
      } catch (FileAlreadyExistsException made) { // by another process, just now
        own("folder", parent);
      }
      Files.createDirectory(folder, FOLDER);
    }
    return true;
  }

  /**
   * Checks a folder that is there already.
   *
   * @throws MusterException if it is a link or belongs to another user
   */
  private static void own(String what, Path folder) throws IOException {
    Owner owner = Owner.of(folder);
    if (!owner.isFolder()) {
      throw new MusterException("cannot use the " + what + " " + folder + ": it is "
          + (owner.isLink() ? "a symbolic link" : "no folder")
          + ", and may lead elsewhere; delete it or choose another place");
    }
    if (!owner.isMine() && !mapped(folder, owner)) {
      throw new MusterException(
          "cannot use the " + what + " " + folder + ": it belongs to user number " + owner.uid()
              + ", who could change what is written there; choose a folder of your own");
    }
    if (owner.othersMayWrite() && !owner.othersMayReplace()) {
      throw new MusterException("cannot use the " + what + " " + folder
          + ": everybody puts files there; choose a folder in it");
    }
    if (owner.othersMayWrite()) {
      Set<PosixFilePermission> permissions =
          Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
      permissions.remove(PosixFilePermission.GROUP_WRITE);
      permissions.remove(PosixFilePermission.OTHERS_WRITE);
      Files.setPosixFilePermissions(folder, permissions);
      log.warn(
          "other users could write to the {} {}; its permissions are now {}",
          what,
          folder,
          PosixFilePermissions.toString(permissions));
    }
  }

  /** Tells whether the file system gives all that this user makes to that owner, as one of another machine may do. */
  private static boolean mapped(Path folder, Owner owner) throws IOException {
    Path probe = folder.resolve(".muster-owner-" + Long.toHexString(System.nanoTime()));
    try {
      Files.createFile(probe, SECRET_FILE);
    } catch (FileSystemException e) {
      log.debug("nothing can be made in {}: {}", folder, e.toString());
      return false;
    }
    try {
      return Owner.of(probe).uid() == owner.uid();
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  /**
   * Makes a folder in a checked one, with those between them that are not there.
   *
   * @throws MusterException if there is one that is a link or belongs to another user
   */
  public static Path folder(Path folder) throws IOException {
    return folder(folder, FOLDER);
  }

  /**
   * Makes a folder in one that is there.
   *
   * @throws FileAlreadyExistsException if there is anything of that name
   */
  public static Path newFolder(Path folder) throws IOException {
    return Files.createDirectory(folder, FOLDER);
  }

  /**
   * Makes a folder that only its owner may look into, in one that is there.
   *
   * @throws FileAlreadyExistsException if there is anything of that name
   */
  public static Path newSecretFolder(Path folder) throws IOException {
    return Files.createDirectory(folder, SECRET_FOLDER);
  }

  /** Makes a folder that only its owner may look into; see {@link #folder}. */
  public static Path secretFolder(Path folder) throws IOException {
    folder(folder, SECRET_FOLDER);
    if (Owner.POSIX) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    return folder;
  }

  private static Path folder(Path folder, FileAttribute<?>... permissions) throws IOException {
    try {
      return Files.createDirectory(folder, permissions);
    } catch (FileAlreadyExistsException e) {
      return taken(folder, e);
    } catch (NoSuchFileException e) {
      Path parent = folder.getParent();
      if (parent == null) {
        throw e;
      }
      folder(parent);
    }
    try {
      return Files.createDirectory(folder, permissions);
    } catch (FileAlreadyExistsException e) { // by another thread, just now
      return taken(folder, e);
    }
  }

  private static Path taken(Path folder, FileAlreadyExistsException e) throws IOException {
    if (Owner.POSIX) {
      own("folder", folder);
    } else if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw e;
    }
    return folder;
  }

  /** Makes a folder in a checked one, empty: what it had before is deleted, and of a link only the link. */
  public static Path emptyFolder(Path folder) throws IOException {
    try {
      return Files.createDirectory(folder, FOLDER);
    } catch (FileAlreadyExistsException e) {
      log.trace("made before: {}", folder, e);
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    } catch (NoSuchFileException e) {
      log.trace("the first in its folder: {}", folder, e);
      Path parent = folder.getParent();
      if (parent == null) {
        throw e;
      }
      folder(parent);
    }
    return Files.createDirectory(folder, FOLDER);
  }

  /** Makes an empty file that others may read. What has the name is deleted before. */
  public static Path file(Path file) throws IOException {
    return fresh(file, FILE);
  }

  /**
   * Makes an empty file that others may read.
   *
   * @throws FileAlreadyExistsException if there is anything of that name
   */
  public static Path newFile(Path file) throws IOException {
    return Files.createFile(file, FILE);
  }

  /** Makes an empty file that only its owner may read. What has the name is deleted before. */
  public static Path secretFile(Path file) throws IOException {
    return fresh(file, SECRET_FILE);
  }

  private static Path fresh(Path file, FileAttribute<?>... permissions) throws IOException {
    try {
      return Files.createFile(file, permissions);
    } catch (FileAlreadyExistsException e) {
      delete(file, e);
      return Files.createFile(file, permissions);
    }
  }

  /** Writes a text to a new file that others may read. What has the name is deleted before. */
  public static Path write(Path file, String text) throws IOException {
    return write(file, text.getBytes(StandardCharsets.UTF_8), FILE);
  }

  /** Writes a text to a new file that only its owner may read. What has the name is deleted before. */
  public static Path writeSecret(Path file, byte[] content) throws IOException {
    return write(file, content, SECRET_FILE);
  }

  /** Writes a program that only its owner may read and run. What has the name is deleted before. */
  public static Path writeProgram(Path file, String text) throws IOException {
    return write(file, text.getBytes(StandardCharsets.UTF_8), PROGRAM);
  }

  /**
   * Writes a text to a new file that nobody is to change.
   *
   * @throws FileAlreadyExistsException if there is anything of that name
   */
  public static Path writeReadOnly(Path file, String text) throws IOException {
    return writeNew(file, text.getBytes(StandardCharsets.UTF_8), READ_ONLY);
  }

  private static Path write(Path file, byte[] content, FileAttribute<?>... permissions)
      throws IOException {
    try {
      return writeNew(file, content, permissions);
    } catch (FileAlreadyExistsException e) {
      delete(file, e);
      return writeNew(file, content, permissions);
    }
  }

  private static Path writeNew(Path file, byte[] content, FileAttribute<?>... permissions)
      throws IOException {
    try (SeekableByteChannel out = Files.newByteChannel(file, NEW, permissions)) {
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        int unused = out.write(left);
      }
    }
    return file;
  }

  private static void delete(Path file, FileAlreadyExistsException e) throws IOException {
    log.trace("made before: {}", file, e);
    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      throw e;
    }
    Files.delete(file);
  }

  /**
   * Checks what is in a folder that was there before, as deep as it goes.
   *
   * @throws MusterException if there is a link, or anything of another user
   */
  public static void checkAll(Path path) throws IOException {
    if (Owner.POSIX) {
      OwnTree.check(path);
    }
  }

  /** Tells whether a file or folder belongs to this user; a link is not followed. */
  public static boolean isMine(Path path) throws IOException {
    return !Owner.POSIX || Owner.of(path).isMine();
  }

  static void checkFolder(Path folder) throws IOException {
    own("folder", folder);
  }

  /** Brings the names that a folder has to the disk. */
  public static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
