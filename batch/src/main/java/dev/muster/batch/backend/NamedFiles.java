package dev.muster.batch.backend;

import dev.muster.internal.io.IoErrors;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.value.ValueEncoding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which files that encoded values name are this host's, and so are sent to jobs; other paths, such as
 * {@code /cvmfs/..}, are those of places that every machine sees. Immutable and thread-safe.
 */
final class NamedFiles {
  // A quote in a text is escaped, and a key of the user's with a $ has two.
  private static final Pattern FILE =
      Pattern.compile("\\{\\s*\"\\$file\"\\s*:\\s*(\"(?:[^\"\\\\]|\\\\.)*\")\\s*}");

  private final Path run;
  private final List<Path> roots;

  /**
   * @param run the run's directory
   * @param base the workflow's folder
   */
  NamedFiles(Path run, Path base) {
    this.run = run.toAbsolutePath().normalize();
    this.roots =
        List.of(this.run, base, Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath());
  }

  /** Returns the files and folders of this host that a value names. */
  List<Path> in(String encoded) {
    List<Path> found = new ArrayList<>();
    if (encoded.contains("\"$file\"")) {
      Matcher matcher = FILE.matcher(encoded);
      while (matcher.find()) {
        Path path = Path.of(String.valueOf(ValueEncoding.decode(matcher.group(1))));
        if (isHere(path.normalize()) && Files.exists(path)) {
          found.add(path);
        }
      }
    }
    return found;
  }

  /**
   * Returns those that the value in a file names.
   *
   * @throws dev.muster.error.MusterException if it cannot be read
   */
  List<Path> in(Path file) {
    try {
      return in(Files.readString(file, StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw IoErrors.unchecked("the value of an input cannot be read", e);
    }
  }

  private boolean isHere(Path path) {
    if (path.startsWith(run)) {
      return path.getNameCount() > run.getNameCount()
          && !RunLayout.isReserved(path.getName(run.getNameCount()).toString());
    }
    return !run.startsWith(path)
        && roots.stream().anyMatch(root -> path.startsWith(root) && !path.equals(root));
  }
}
