package dev.muster.internal.io;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Puts errors of files into words: Java's own message of many of them is the name of the file and nothing else.
 * Thread-safe.
 */
public final class IoErrors {
  private static final String NO_SPACE = "No space left on device";
  private static final long LEAST_BYTES = 4096;

  private IoErrors() {}

  /** Returns which file it was about, what was wrong with it, and where it helps what to do. */
  public static String describe(IOException error) {
    return error instanceof FileSystemException file ? describe(file) : own(error);
  }

  /** Returns what an error of a file says, in words, and the message of any other. */
  public static String words(Exception error) {
    return error instanceof IOException file
        ? describe(file)
        : error instanceof UncheckedIOException wrapped
            ? describe(wrapped)
            : String.valueOf(error.getMessage());
  }

  /**
   * Returns the message of an error that says more than the one it wraps; where it says no more, what is wrong in
   * words.
   */
  public static String describe(UncheckedIOException error) {
    IOException cause = Objects.requireNonNull(error.getCause());
    String message = error.getMessage();
    return message == null || message.equals(cause.toString()) ? describe(cause) : message;
  }

  /** Returns what is wrong with the file, without what was tried. */
  public static String reason(UncheckedIOException error) {
    return describe(Objects.requireNonNull(error.getCause()));
  }

  /** Returns an error whose message says what was tried and what was wrong with it. */
  public static UncheckedIOException unchecked(String tried, IOException error) {
    return new UncheckedIOException(tried + ": " + describe(error), error);
  }

  /**
   * Says that the disk of a folder is full, where it is, on a line of its own; empty where it is not, or where that
   * cannot be known.
   */
  public static String full(Path folder) {
    // A FileStore would read all mounts. Some file systems are of no size at all.
    File place = folder.toFile();
    return place.getUsableSpace() < LEAST_BYTES && place.getTotalSpace() > 0
        ? "\n" + folder + ": " + NO_SPACE + advice(NO_SPACE)
        : "";
  }

  private static String describe(FileSystemException error) {
    String names = error.getFile() == null ? "" : error.getFile();
    if (error.getOtherFile() != null) {
      names += " -> " + error.getOtherFile();
    }
    return (names.isEmpty() ? "" : names + ": ") + reason(error);
  }

  private static String reason(FileSystemException error) {
    if (error instanceof AccessDeniedException) {
      return "permission denied; check who may use it and the folders above it, for example with 'namei -l'";
    }
    if (error instanceof NoSuchFileException) {
      return "there is no such file or folder";
    }
    if (error instanceof FileAlreadyExistsException) {
      return "it exists already";
    }
    if (error instanceof NotDirectoryException) {
      return "it is not a folder";
    }
    if (error instanceof DirectoryNotEmptyException) {
      return "it is a folder that is not empty";
    }
    if (error instanceof FileSystemLoopException) {
      return "links lead in a circle";
    }
    return error.getReason() == null ? own(error) : error.getReason() + advice(error.getReason());
  }

  private static String own(IOException error) {
    @Nullable String message = error.getMessage();
    if (message == null || message.isBlank()) {
      return error.getClass().getSimpleName();
    }
    return message + advice(message);
  }

  private static String advice(String reason) {
    if (reason.contains(NO_SPACE)) {
      return "; free some space or inodes there (df -h, df -i), or use another folder";
    }
    if (reason.contains("Disk quota exceeded")) {
      return "; remove what is not needed, or use another folder";
    }
    if (reason.contains("Read-only file system")) {
      return "; use another folder";
    }
    return "";
  }
}
