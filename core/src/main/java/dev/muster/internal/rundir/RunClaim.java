package dev.muster.internal.rundir;

import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right of this process to carry on a run: one process has it at a time. Controllers of a run are numbered from 1;
 * each has a file that names its process while it has the run ({@code owner}, {@code owner.2}, ...), and a journal of
 * its own. The file of the next number can be made once, so of two that go on with a run at the same time one is
 * refused. Thread-safe.
 */
public final class RunClaim {
  private static final Logger log = LoggerFactory.getLogger(RunClaim.class);
  private static final int MOST_TRIES = 100;

  private final Path run;
  private final int controller;

  private RunClaim(Path run, int controller) {
    this.run = run;
    this.controller = controller;
  }

  /**
   * Takes a folder for a new run.
   *
   * @param run a folder of this user
   * @throws FileAlreadyExistsException if it holds a run
   */
  public static RunClaim first(Path run) throws IOException {
    Path journal = OwnFiles.newFile(RunLayout.journal(run, 1));
    RunClaim claim = new RunClaim(run, 1);
    try {
      write(RunLayout.owner(run, 1));
      RunLayout.writeVersion(run);
    } catch (IOException e) {
      claim.release();
      deleteAfter(journal, e);
      deleteAfter(run.resolve(RunLayout.FORMAT), e);
      throw e;
    }
    return claim;
  }

  private static void deleteAfter(Path file, IOException error) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      error.addSuppressed(e);
    }
  }

  /**
   * Takes a run on which nobody works.
   *
   * @param takeOver whether a process of which nothing can be known from here, on another host for example, counts as
   * gone
   * @throws MusterException if it is not the directory of a run or of a later version, or if its controller lives or
   * may live
   */
  public static RunClaim next(Path run, boolean takeOver) throws IOException {
    if (RunLayout.version(run) == 0 && !takeOver) {
      throw new MusterException(
          "the run " + run + " was written by an earlier Muster, which did not say whether a "
              + "process works on it; if none does, take the run with --take-over");
    }
    for (int i = 0; i < MOST_TRIES; i++) {
      int last = RunLayout.lastController(run);
      if (last == 0) {
        throw new MusterException(run + " is not the directory of a run: it has no journal");
      }
      refuseUnlessGone(run, last, takeOver);
      RunClaim claim = new RunClaim(run, last + 1);
      try {
        write(RunLayout.owner(run, last + 1));
      } catch (FileAlreadyExistsException e) {
        log.debug("another process takes {} at the same time", run, e);
        continue;
      }
      try {
        OwnFiles.newFile(claim.journal());
      } catch (FileAlreadyExistsException e) { // another process has had it in the meantime
        log.debug("another process has gone on with {}", run, e);
        claim.release();
        continue;
      } catch (IOException e) {
        claim.release();
        throw e;
      }
      for (int earlier = last; earlier >= 1; earlier--) {
        Files.deleteIfExists(RunLayout.owner(run, earlier));
      }
      return claim;
    }
    throw new MusterException(
        "other processes take the run " + run + " all the time; try again later");
  }

  /**
   * Refuses a run of which a process of this host is known to be at work.
   *
   * @throws MusterException if there is one, or the run is of a later version
   */
  public static void refuseAlive(Path run) throws IOException {
    int last = RunLayout.version(run) < 0 ? 0 : RunLayout.lastController(run);
    Path file = RunLayout.owner(run, Math.max(1, last));
    if (last > 0 && Files.exists(file)) {
      refuseUnlessGone(run, last, true);
    }
  }

  private static void refuseUnlessGone(Path run, int last, boolean takeOver) throws IOException {
    Path file = RunLayout.owner(run, last);
    RunOwner owner;
    try {
      owner = RunOwner.read(file);
    } catch (NoSuchFileException e) {
      return; // it has ended in order
    }
    if (owner == null) {
      if (!takeOver) {
        throw new MusterException(
            "the run " + run + " has a controller that nothing is known of: " + file
                + " was not written to its end; if no process works on the run, take it with --take-over");
      }
      return;
    }
    switch (owner.life()) {
      case ALIVE ->
        throw new MusterException("the run " + run + " is under way: " + owner
            + ", this one, has it since " + owner.since() + "; wait for its end, or end it first");
      case ELSEWHERE -> {
        if (!takeOver) {
          throw new MusterException(
              "the run " + run + " may be under way: " + owner + " has it since " + owner.since()
                  + ", which cannot be seen from here"
                  + (owner.isOfOtherBoot() ? " (it is of another boot or container)" : "")
                  + "; if that process is gone, take the run with --take-over");
        }
      }
      case DEAD -> log.debug("{} is gone", owner);
    }
  }

  /** Makes the file of an owner with its content, or not at all. */
  private static void write(Path file) throws IOException {
    String text = RunOwner.here(Instant.now()).text();
    Path fresh = file.resolveSibling("." + RunLayout.OWNER + "-" + UUID.randomUUID());
    try {
      OwnFiles.write(fresh, text);
      link(file, fresh);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static void link(Path file, Path fresh) throws IOException {
    try {
      Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException e) {
      log.debug("no links in the folder of {}", file, e);
      Files.writeString(OwnFiles.newFile(file), Files.readString(fresh), StandardOpenOption.WRITE);
    }
  }

  /** Returns which controller of the run this is, counted from 1. */
  public int controller() {
    return controller;
  }

  /** Returns the journal of this controller; it exists. */
  public Path journal() {
    return RunLayout.journal(run, controller);
  }

  /** Returns why this process has the run no longer, or null if it has it. Asks the file system. */
  public @Nullable String lost() {
    try {
      Files.readAttributes(
          RunLayout.owner(run, controller), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return null;
    } catch (NoSuchFileException e) {
      log.debug("the file of this owner is gone", e);
    } catch (IOException e) { // the file system does not answer: nothing is known
      log.debug("the owner of {} cannot be asked for", run, e);
      return null;
    }
    return Files.exists(RunLayout.owner(run, controller + 1), LinkOption.NOFOLLOW_LINKS)
        ? "another process has taken over the run " + run + "; this one stops"
        : "the run " + run + " was taken from this process: " + RunLayout.owner(run, controller)
            + " is gone; it stops";
  }

  /** Gives the run up: another process may go on with it. Idempotent. */
  public void release() {
    try {
      Files.deleteIfExists(RunLayout.owner(run, controller));
    } catch (IOException e) {
      log.warn(
          "{} cannot be deleted: {}; while this process lives, no other goes on with the run",
          RunLayout.owner(run, controller),
          IoErrors.describe(e));
    }
  }

  /** Tells whether a run has a controller, or had one that did not give it up. */
  public static boolean isClaimed(Path run) throws IOException {
    int last = Math.max(1, RunLayout.lastController(run));
    return Files.exists(RunLayout.owner(run, last), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Returns the process that has a run, whether it lives or not.
   *
   * @return the owner, or null if there is none, or its file is not whole
   */
  public static @Nullable RunOwner owner(Path run) throws IOException {
    try {
      return RunOwner.read(RunLayout.owner(run, Math.max(1, RunLayout.lastController(run))));
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
