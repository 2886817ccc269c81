package dev.muster.fasthep;

import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the folders of a Python environment say of FAST-HEP, without a start of Python. Immutable.
 *
 * @param packages the folder with the environment's packages, or null where there is no single one
 */
record Installation(Path python, @Nullable Path packages) {
  private static final Logger log = LoggerFactory.getLogger(Installation.class);

  /** Looks at the environment of an interpreter. */
  static Installation of(Path python) {
    Path bin = python.getParent();
    Path home = bin == null ? null : bin.getParent();
    if (home == null) {
      return new Installation(python, null);
    }
    List<Path> found = new ArrayList<>();
    for (Path version : entries(home.resolve("lib"))) {
      Path packages = version.resolve("site-packages");
      if (name(version).matches("python3\\.\\d+") && Files.isDirectory(packages)) {
        found.add(packages);
      }
    }
    return new Installation(python, found.size() == 1 ? found.get(0) : null);
  }

  /** Tells whether FAST-HEP's compiler is there for sure. */
  boolean hasFastHep() {
    return packages != null && Files.isDirectory(packages.resolve("hepflow"));
  }

  /**
   * Returns a text that changes when a package is installed, changed or removed; null where that cannot be told for
   * sure: packages may then be
   * elsewhere too.
   */
  @Nullable
  String fingerprint() {
    if (!hasFastHep() || packages == null || !isClosed()) {
      return null;
    }
    StringBuilder text = new StringBuilder();
    try {
      text.append(python.toRealPath()).append('\n');
      describe(packages, text);
      for (Path entry : entries(packages)) {
        if (isOfFastHep(name(entry))) {
          describe(entry.resolve("RECORD"), text);
          describe(entry.resolve("METADATA"), text);
        } else if (name(entry).endsWith(".pth")) {
          describe(entry, text);
        }
      }
    } catch (IOException e) {
      log.debug("{}: {}", packages, IoErrors.describe(e));
      return null;
    }
    return text.toString();
  }

  /** Tells whether nothing but this environment and PYTHONPATH has packages. */
  private boolean isClosed() {
    Path bin = python.getParent();
    Path home = bin == null ? null : bin.getParent();
    if (home == null || System.getenv("PYTHONHOME") != null) {
      return false;
    }
    Path settings = home.resolve("pyvenv.cfg");
    if (!Files.isRegularFile(settings)) {
      return false;
    }
    try {
      return Files.readAllLines(settings).stream()
          .map(line -> line.replace(" ", ""))
          .anyMatch("include-system-site-packages=false"::equals);
    } catch (IOException e) {
      log.debug("{}: {}", settings, IoErrors.describe(e));
      return false;
    }
  }

  private static boolean isOfFastHep(String name) {
    return (name.startsWith("fasthep") || name.startsWith("hep"))
        && (name.endsWith(".dist-info") || name.endsWith(".egg-info"));
  }

  private static void describe(Path path, StringBuilder text) throws IOException {
    text.append(path.getFileName()).append(' ').append(path.getParent());
    if (!Files.exists(path)) {
      text.append(" absent\n");
      return;
    }
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    text.append(' ')
        .append(attributes.isDirectory() ? 0 : attributes.size())
        .append(' ')
        .append(attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS))
        .append('\n');
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static List<Path> entries(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      return List.of(); // it tells nothing
    }
  }
}
