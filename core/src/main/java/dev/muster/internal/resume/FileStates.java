package dev.muster.internal.resume;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The states of files: by size and time, or by content. What cannot be read for certain gets a state that no other look
 * will find again. Each file is looked at once. Not thread-safe.
 */
final class FileStates {
  private static final Logger log = LoggerFactory.getLogger(FileStates.class);

  /** Up to this size a file is taken by content where that is asked for. */
  static final long LARGEST_READ = 64L << 20;

  private static final Pattern REMOTE =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*", Pattern.DOTALL);
  private static final int MOST_FILES = 20_000;
  private static final long FINE_NANOS = 50_000_000;
  private static final long COARSE_NANOS = 2_100_000_000L;
  private static final long ABSENT = 0x616273656e74L;
  private static final SecureRandom CHANCE = new SecureRandom();

  private final Path base;
  private final boolean contents;
  private final Hasher hasher = new Hasher();
  private final Map<String, Seen> known = new HashMap<>();
  private final boolean waits;
  private boolean absent;

  /**
   * What was seen of a data file.
   *
   * @param state its state
   * @param size its size, or a negative number if it is no regular file
   * @param changed the time of its last change
   */
  private record Seen(long state, long size, @Nullable FileTime changed) {}

  /**
   * @param base what relative paths are taken from
   * @param contents whether data files count by their content, whatever their size
   */
  FileStates(Path base, boolean contents) {
    this(base, contents, true);
  }

  private FileStates(Path base, boolean contents, boolean waits) {
    this.base = base;
    this.contents = contents;
    this.waits = waits;
  }

  /** Returns the file that a name of a data file means, or null if it is an address elsewhere. */
  @Nullable
  Path local(String name) {
    try {
      if (name.startsWith("file:")) {
        return Path.of(URI.create(name));
      }
      return REMOTE.matcher(name).matches() ? null : base.resolve(name).normalize();
    } catch (IllegalArgumentException e) { // no path of this system
      log.debug("not a path: {}", name, e);
      return null;
    }
  }

  /** Returns the state of a data file: 0 for an address elsewhere, which counts by its text. */
  long data(String name) {
    return known.computeIfAbsent(name, this::look).state();
  }

  private Seen look(String name) {
    Path path = local(name);
    if (path == null) {
      return new Seen(0, -1, null);
    }
    BasicFileAttributes found = attributes(path); // before its content is read
    long state;
    try {
      state = contents ? content(path, Long.MAX_VALUE) : times(path);
    } catch (IOException | UncheckedIOException e) {
      state = unknown(path, e);
    }
    absent |= state == ABSENT;
    return found == null
        ? new Seen(state, -1, null)
        : new Seen(state, found.isRegularFile() ? found.size() : -1, found.lastModifiedTime());
  }

  /** Tells whether any of the data files that were looked at was not there. */
  boolean anyAbsent() {
    return absent;
  }

  /** Tells whether a data file was not there when it was looked at. */
  boolean wasAbsent(String name) {
    Seen before = known.get(name);
    return before != null && before.state() == ABSENT;
  }

  private static @Nullable BasicFileAttributes attributes(Path path) {
    if (!path.toFile().exists()) { // as no exception is made for it
      return null;
    }
    try {
      return Files.readAttributes(path, BasicFileAttributes.class);
    } catch (IOException e) {
      log.trace("cannot look at {}", path, e);
      return null;
    }
  }

  /**
   * Returns the state of a data file as it is now, without waiting: one that was written in this moment where times are
   * coarse has one that no other look will find. Thread-safe once all names that are asked for have been looked at.
   */
  long again(String name) {
    Seen before = known.get(name);
    Path path = local(name);
    if (before == null || path == null) {
      return before == null ? CHANCE.nextLong() : before.state();
    }
    BasicFileAttributes found = attributes(path);
    boolean same = found == null
        ? before.changed() == null
        : found.isRegularFile()
            && found.size() == before.size()
            && found.lastModifiedTime().equals(before.changed());
    return same ? before.state() : new FileStates(base, contents, false).data(name);
  }

  private long unknown(Path path, Exception e) {
    log.debug("the state of {} cannot be told", path, e);
    hasher.end(); // nothing of this file goes into the next
    return CHANCE.nextLong();
  }

  /** Returns the state of a file or a folder by size and time. */
  private long times(Path path) throws IOException {
    BasicFileAttributes found = settled(path);
    if (found == null) {
      return ABSENT;
    }
    hasher.add("times");
    addTimes(found);
    if (found.isDirectory()) {
      for (Path each : below(path)) {
        BasicFileAttributes inner = settled(each);
        hasher.add(path.relativize(each).toString());
        if (inner != null) {
          addTimes(inner);
        }
      }
    }
    return hasher.end().high();
  }

  private void addTimes(BasicFileAttributes file) {
    hasher
        .add(file.isDirectory() ? -1 : file.size())
        .add(file.lastModifiedTime().to(TimeUnit.NANOSECONDS));
  }

  /** Returns all regular files below a folder, in the order of their names. */
  static List<Path> below(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(folder, new SimpleFileVisitor<Path>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes found) throws IOException {
        if (files.size() == MOST_FILES) {
          throw new IOException(folder + " has more than " + MOST_FILES + " files");
        }
        files.add(file);
        return FileVisitResult.CONTINUE;
      }
    });
    files.sort(null);
    return files;
  }

  /** Waits until a change of a file gets another time than one that was seen at a moment of {@link System#nanoTime}. */
  static void settle(long seen) {
    long left = FINE_NANOS - (System.nanoTime() - seen);
    if (left > 0) {
      Uninterruptibles.sleepUninterruptibly(left, TimeUnit.NANOSECONDS);
    }
  }

  /**
   * Returns what is known of a file that has not been written in this moment: a change that follows gets another time.
   * Null if there is none.
   */
  private @Nullable BasicFileAttributes settled(Path path) throws IOException {
    while (true) {
      BasicFileAttributes found;
      try {
        found = Files.readAttributes(path, BasicFileAttributes.class);
      } catch (NoSuchFileException e) {
        log.trace("{} is not there", path, e);
        return null;
      }
      FileTime changed = found.lastModifiedTime();
      long nanos = changed.to(TimeUnit.NANOSECONDS);
      long needed = nanos % 1_000_000_000 == 0 ? COARSE_NANOS : FINE_NANOS;
      long age = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - nanos;
      if (age > needed || (!waits && needed == FINE_NANOS && age > -needed)) {
        return found;
      }
      if (age < -needed) {
        throw new IOException(path + " has a time in the future");
      }
      if (!waits) {
        throw new IOException(path + " was written in this moment");
      }
      try {
        TimeUnit.NANOSECONDS.sleep(needed - age + 1_000_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while waiting for a new time of " + path, e);
      }
    }
  }

  /**
   * Returns the state of a file by its content, if it is not larger than {@code limit} bytes; else by size and time.
   */
  private long content(Path path, long limit) throws IOException {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(path, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      log.trace("{} is not there", path, e);
      return ABSENT;
    }
    if (found.isDirectory()) {
      List<Path> files = below(path);
      List<Long> states = new ArrayList<>();
      for (Path each : files) {
        states.add(content(each, limit));
      }
      hasher.add("folder").add(files.size());
      for (int i = 0; i < files.size(); i++) {
        hasher.add(path.relativize(files.get(i)).toString()).add(states.get(i));
      }
      return hasher.end().high();
    }
    if (!found.isRegularFile() || found.size() > limit) {
      return times(path);
    }
    read(path, found.size(), hasher.add("content"));
    return hasher.end().high();
  }

  /**
   * Adds the content of a file to a hash.
   *
   * @param expected the size that it had, in bytes; it may have another by now
   */
  static void read(Path path, long expected, Hasher hasher) throws IOException {
    byte[] buffer = new byte[(int) Math.min(expected + 1, 1 << 16)];
    long size = 0;
    try (InputStream in = Files.newInputStream(path)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        hasher.raw(buffer, 0, count);
        size += count;
      }
    }
    hasher.add(size);
  }

  /** Returns the state of code: of a file or a folder by content, of very large files by size and time. */
  String code(Path path) {
    try {
      return Long.toHexString(content(path, LARGEST_READ));
    } catch (IOException | UncheckedIOException e) {
      log.debug("cannot read {}: {}", path, String.valueOf(e.getMessage()));
      return Long.toHexString(unknown(path, e));
    }
  }

  /** Returns the state of a file or a folder by size and time. */
  String change(Path path) {
    try {
      return Long.toHexString(times(path));
    } catch (IOException e) {
      log.debug("cannot look at {}: {}", path, IoErrors.describe(e));
      return Long.toHexString(unknown(path, e));
    }
  }

  /** Returns the regular file that a word names, or null. */
  @Nullable
  Path named(String word) {
    if (word.isEmpty() || word.length() > 1000 || word.indexOf('\0') >= 0) {
      return null;
    }
    try {
      Path path = base.resolve(word);
      if (Files.isRegularFile(path)) {
        return path.normalize();
      }
      if (word.startsWith("/") && word.length() > 1) { // behind a placeholder for the folder
        Path below = base.resolve(word.substring(1));
        return Files.isRegularFile(below) ? below.normalize() : null;
      }
    } catch (InvalidPathException e) {
      log.trace("not a path: {}", word, e);
    }
    return null;
  }
}
