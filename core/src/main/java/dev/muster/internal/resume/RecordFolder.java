package dev.muster.internal.resume;

import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.rundir.RunLayout;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder of a run's records: a segment for each controller, and the key with which values of variables are hashed.
 * Immutable and thread-safe.
 */
final class RecordFolder {
  private static final String KEY = "key";
  private static final int KEY_BYTES = 32;
  private static final int MOST = 1_000_000;

  private final Path folder;
  private final byte[] secret;

  private RecordFolder(Path folder, byte[] secret) {
    this.folder = folder;
    this.secret = secret;
  }

  /** Opens that of a run directory of this user; it is made if it is not there. */
  static RecordFolder open(Path directory) throws IOException {
    Path folder = OwnFiles.folder(directory.resolve(RunLayout.RECORDS));
    Path key = folder.resolve(KEY);
    if (!Files.exists(key, LinkOption.NOFOLLOW_LINKS)) {
      OwnFiles.writeSecret(key, newKey());
    }
    return of(directory);
  }

  /**
   * Opens that of a run directory to read it.
   *
   * @throws MusterException if there is none
   */
  static RecordFolder of(Path directory) throws IOException {
    Path folder = directory.resolve(RunLayout.RECORDS);
    byte[] secret;
    try {
      secret = Files.readAllBytes(folder.resolve(KEY));
    } catch (NoSuchFileException e) {
      throw new MusterException(
          "the run directory " + directory + " has no records of its tasks to go on from"
              + " (it is no run directory, or one of an older Muster)",
          e);
    }
    if (secret.length != KEY_BYTES) { // a process was killed while it wrote it: it had no records
      OwnFiles.checkAll(folder);
      secret = newKey();
      OwnFiles.writeSecret(folder.resolve(KEY), secret);
    }
    return new RecordFolder(folder, secret);
  }

  /** Returns a key that no other run has. */
  static byte[] newKey() {
    byte[] made = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(made);
    return made;
  }

  /** Returns the key of another run, which nothing is written to. */
  static byte[] key(Path directory) throws IOException {
    return Files.readAllBytes(directory.resolve(RunLayout.RECORDS).resolve(KEY));
  }

  byte[] secret() {
    return secret.clone();
  }

  /** Reads all segments. */
  RecordTable read() throws IOException {
    return segments(folder);
  }

  /** Reads all segments of another run, which nothing is written to. */
  static RecordTable read(Path directory) throws IOException {
    return segments(directory.resolve(RunLayout.RECORDS));
  }

  private static RecordTable segments(Path folder) throws IOException {
    List<Path> segments = new ArrayList<>();
    try (var all = Files.list(folder)) {
      all.filter(each -> number(each) > 0)
          .sorted((one, other) -> Integer.compare(number(one), number(other)))
          .forEach(segments::add);
    }
    return RecordTable.read(segments);
  }

  private static int number(Path segment) {
    String name = String.valueOf(segment.getFileName());
    return name.matches("[1-9][0-9]{0,6}") ? Integer.parseInt(name) : 0;
  }

  /** Makes an empty segment for a controller of the run. */
  Path newSegment(int controller) throws IOException {
    if (controller > MOST) {
      throw new MusterException("the run in " + folder.getParent() + " has been resumed too often");
    }
    try {
      return OwnFiles.newFile(folder.resolve(String.valueOf(controller)));
    } catch (FileAlreadyExistsException e) {
      throw new MusterException("another process goes on with the run in " + folder.getParent(), e);
    }
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
