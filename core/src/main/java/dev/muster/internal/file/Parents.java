package dev.muster.internal.file;

import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks that no other user can replace a folder by way of what is above it. */
final class Parents {
  private static final Logger log = LoggerFactory.getLogger(Parents.class);

  private Parents() {}

  /**
   * Checks the parents of a path, those that are there, and the links on the way.
   *
   * @param what how messages call the path
   * @throws MusterException if another user may replace one of them
   */
  static void check(String what, Path path) throws IOException {
    if (!Owner.POSIX) {
      return;
    }
    Path found = links(what, path);
    Path real = found.toRealPath();
    Path parent = found.equals(path) ? real.getParent() : real;
    for (; parent != null; parent = parent.getParent()) {
      Owner owner = Owner.of(parent);
      if (owner.othersMayReplace()) {
        writable(what, path, parent, owner);
      }
    }
  }

  /** Checks the links on the way, and returns how much of the path is there. */
  private static Path links(String what, Path path) throws IOException {
    Path found = path.getRoot();
    for (Path name : path) {
      Path next = found.resolve(name);
      try {
        Owner owner = Owner.of(next);
        if (owner.isLink() && !owner.isTrusted()) {
          throw new MusterException("cannot use the " + what + " " + path + ": " + next
              + " is a symbolic link of user number " + owner.uid()
              + ", who may lead it elsewhere; choose a folder of your own");
        }
      } catch (NoSuchFileException e) {
        log.trace("not there: {}", next, e);
        return found;
      }
      found = next;
    }
    return found;
  }

  private static void writable(String what, Path path, Path parent, Owner owner) {
    if (!owner.isTrusted()) {
      throw new MusterException("cannot use the " + what + " " + path + ": the folder " + parent
          + " belongs to user number " + owner.uid()
          + " and other users may write to it, so that they could replace what is in it;"
          + " choose a folder of your own, or have its owner do: chmod +t " + parent);
    }
    if ((owner.mode() & 0002) != 0) {
      log.warn(
          "every user may replace what is in {}, and with it the {} {}; make it safe with: chmod +t {}",
          parent,
          what,
          path,
          parent);
    }
  }
}
