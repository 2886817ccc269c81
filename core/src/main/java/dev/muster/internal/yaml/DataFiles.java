package dev.muster.internal.yaml;

import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code files} of datasets: patterns and the home folder are expanded, and files that do not exist are told.
 * A name that exists as it is written is no pattern, nor is a URL. Not thread-safe.
 */
final class DataFiles {
  /** More are not looked for: on some file systems each look takes a millisecond. */
  private static final int MOST_LOOKS = 2000;

  private static final int MOST_NAMED = 3;

  private final Path folder;
  private final @Nullable Path home;
  private int looks;

  DataFiles(Path folder, @Nullable Path home) {
    this.folder = folder;
    this.home = home;
  }

  /** Returns the files of a dataset; null if it says none. */
  @Nullable
  List<String> of(Fields dataset) {
    List<String> files = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    List<String> written = dataset.list("files", (item, at) -> {
      String text = Fields.text(dataset.problems(), item, at);
      if (text != null) {
        files.addAll(expanded(dataset.problems(), item, at, text, missing));
      }
      return text;
    });
    if (written == null) {
      return null;
    }
    MapNode.Entry entry = dataset.map().find("files");
    if (entry != null) {
      warn(dataset, entry, files, missing);
    }
    return files;
  }

  private static void warn(
      Fields dataset, MapNode.Entry entry, List<String> files, List<String> missing) {
    Problems problems = dataset.problems();
    String path = dataset.where().key("files").toString();
    if (!missing.isEmpty()) {
      problems.warn(
          entry.line(),
          entry.column(),
          path,
          missing.size() + " of " + files.size() + (files.size() == 1 ? " file" : " files")
              + " cannot be found on this machine: " + named(missing),
          null);
    }
    Set<String> once = new LinkedHashSet<>();
    List<String> twice =
        files.stream().filter(file -> !once.add(file)).distinct().toList();
    if (!twice.isEmpty()) {
      problems.warn(
          entry.line(), entry.column(), path, "is there more than once: " + named(twice), null);
    }
  }

  private static String named(List<String> files) {
    List<String> first = files.subList(0, Math.min(MOST_NAMED, files.size()));
    int more = files.size() - first.size();
    return String.join(", ", first.stream().map(Quoted::plain).toList())
        + (more > 0 ? " and " + more + " more" : "");
  }

  private List<String> expanded(
      Problems problems, Node item, Where at, String text, List<String> missing) {
    if (text.contains("://") || exists(text)) {
      return List.of(text);
    }
    String from = text;
    if (text.equals("~") || text.startsWith("~/")) {
      if (home == null) {
        problems.add(
            item,
            at,
            "the home folder for " + Quoted.of(text) + " is not known",
            "write an absolute path");
        return List.of();
      }
      from = home + text.substring(1);
    }
    try {
      FilePattern pattern = new FilePattern(from);
      if (pattern.literal() != null) {
        if (looks < MOST_LOOKS && !exists(pattern.literal())) {
          missing.add(pattern.literal());
        }
        return List.of(pattern.literal());
      }
      List<String> found = pattern.in(folder);
      if (found.isEmpty()) {
        problems.add(
            item,
            at,
            "no file matches " + Quoted.of(text) + " in "
                + folder.toAbsolutePath().normalize(),
            "relative names are taken from the workflow's folder");
      }
      return found;
    } catch (IOException | UncheckedIOException | InvalidPathException e) {
      problems.add(
          item,
          at,
          "the files " + Quoted.of(text) + " cannot be listed: " + IoErrors.words(e),
          null);
      return List.of();
    }
  }

  private boolean exists(String name) {
    try {
      return looks++ < MOST_LOOKS && Files.exists(folder.resolve(name));
    } catch (InvalidPathException noName) {
      return false;
    }
  }
}
