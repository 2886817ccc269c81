package dev.muster.internal.file;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * To whom a file belongs and who may write it; of a symbolic link, not of its target. Immutable and thread-safe.
 *
 * @param uid the number of the owner
 * @param mode the type and the permission bits, as in {@code st_mode}
 */
public record Owner(int uid, int mode) {
  /** Whether this system has users and permissions as POSIX says. */
  static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("unix");

  private static final int TYPE = 0170000;
  private static final int LINK = 0120000;
  private static final int FOLDER = 0040000;
  private static final int STICKY = 01000;
  private static final int OTHERS_WRITE = 0022;
  private static final int ROOT = 0;

  /**
   * Reads them.
   *
   * @throws java.nio.file.NoSuchFileException if there is no such file
   */
  static Owner of(Path path) throws IOException {
    Map<String, Object> found =
        Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
    return new Owner(number(found, "uid"), number(found, "mode"));
  }

  private static int number(Map<String, Object> found, String attribute) {
    return (Integer) Objects.requireNonNull(found.get(attribute), attribute);
  }

  /** Returns the number of the user of this process. */
  public static int thisUser() {
    return ThisUser.UID;
  }

  private static final class ThisUser {
    private static final Splitter WORDS = Splitter.on(CharMatcher.whitespace()).omitEmptyStrings();
    static final int UID = find();

    private static int find() {
      Path status = Path.of("/proc/self/status");
      Path asked = Path.of(System.getProperty("user.home"));
      try {
        if (Files.isReadable(status)) { // the owner of /proc/self may be root
          for (String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
            if (line.startsWith("Uid:")) {
              return Integer.parseUnsignedInt(WORDS.splitToList(line).get(4)); // as for new files
            }
          }
        }
        return (Integer) Files.getAttribute(asked, "unix:uid");
      } catch (IOException e) {
        throw IoErrors.unchecked("cannot find out the number of this user from " + asked, e);
      }
    }
  }

  boolean isLink() {
    return (mode & TYPE) == LINK;
  }

  boolean isFolder() {
    return (mode & TYPE) == FOLDER;
  }

  boolean isMine() {
    return uid == thisUser();
  }

  boolean isTrusted() {
    return isMine() || uid == ROOT;
  }

  /** Tells whether its group or anybody may write it. */
  boolean othersMayWrite() {
    return (mode & OTHERS_WRITE) != 0;
  }

  /** Tells whether others than the owner may rename or delete what other users have in this folder. */
  boolean othersMayReplace() {
    return othersMayWrite() && (mode & STICKY) == 0;
  }
}
