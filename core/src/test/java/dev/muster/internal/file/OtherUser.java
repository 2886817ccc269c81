package dev.muster.internal.file;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A user of this machine who is not the one of the tests. Only root can give files to another user. */
public final class OtherUser {
  /** The number of {@code nobody}. */
  public static final int NUMBER = 65534;

  private OtherUser() {}

  /** Gives a file to the other user; the test is skipped where that is not possible. */
  public static Path gets(Path path) throws IOException {
    assumeThat(Owner.thisUser())
        .as(
            "only root can make files of another user: run this test as root, as ./check does in CI")
        .isZero();
    Files.setAttribute(path, "unix:uid", NUMBER, LinkOption.NOFOLLOW_LINKS);
    return path;
  }

  /** Returns the permissions of a file, for example {@code rwxr-xr-x}. */
  public static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  static void permissions(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }
}
