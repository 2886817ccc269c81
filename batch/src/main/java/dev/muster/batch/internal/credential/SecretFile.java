package dev.muster.batch.internal.credential;

import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that only their owner may read. */
final class SecretFile {
  /** More than any chain of certificates or token has. */
  private static final int MOST_BYTES = 1 << 20;

  private static final Set<PosixFilePermission> DATA = PosixFilePermissions.fromString("rw-------");

  private SecretFile() {}

  /**
   * Reads a file; the caller wipes what it gets.
   *
   * @param what how errors begin, for example {@code credential x509 (/tmp/x509up_u1000)}
   * @param renewal what makes a new one
   * @throws MusterException if it is not there, is no file, belongs to somebody else, or others may read it
   */
  static byte[] read(String what, Path path, int uid, String renewal) {
    try {
      if (Files.isDirectory(path)) {
        throw new MusterException(
            what + " is a folder; it must be a file, which " + renewal + " makes");
      }
      if (!Files.exists(path)) {
        throw new MusterException(what + " is not there; make one with " + renewal);
      }
      int owner = Host.uid(path);
      if (owner != uid) {
        throw new MusterException(what + " belongs to user number " + owner + ", not to this user ("
            + uid + "); make one of your own with " + renewal);
      }
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
      if (!DATA.containsAll(permissions)) {
        throw new MusterException(what + " can be used by others than its owner ("
            + PosixFilePermissions.toString(permissions)
            + "): somebody may have read it. Make a new one with " + renewal
            + ", or, if nobody else can have read it, chmod 600 " + path);
      }
      try (InputStream in = Files.newInputStream(path)) {
        byte[] bytes = in.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
          throw new MusterException(what + " has more than " + MOST_BYTES
              + " bytes, so it is no credential; make one with " + renewal);
        }
        return bytes;
      }
    } catch (AccessDeniedException e) {
      throw new MusterException(what + " cannot be read by this user; make one with " + renewal, e);
    } catch (IOException e) {
      throw new MusterException(what + " cannot be read: " + IoErrors.describe(e), e);
    }
  }

  /** Writes a file in one step: whoever opens it sees all of the old or all of the new. */
  static void write(Path path, byte[] bytes) throws IOException {
    Path fresh = path.resolveSibling("." + path.getFileName() + ".new");
    try {
      OwnFiles.writeSecret(fresh, bytes);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** Makes a folder that only its owner may look into. */
  static void folder(Path folder) throws IOException {
    OwnFiles.secretFolder(folder);
  }
}
