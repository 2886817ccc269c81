package dev.muster.batch.backend;

import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the calls of a job need beside them where files are sent: files of this host, by the names that they have in the
 * job's folder. Not thread-safe.
 */
final class Baggage {
  /** The folder, in the job's folder, of its calls. */
  static final String CALL = "call/";

  /** The folder that stands for the workflow's. */
  private static final String BASE = "base/";

  private final Map<String, Path> files = new LinkedHashMap<>();
  private final Map<Path, String> known = new LinkedHashMap<>();

  Map<String, Path> files() {
    return files;
  }

  /** Returns the names of those files that can be executed. */
  List<String> executables() {
    return files.entrySet().stream()
        .filter(each -> Files.isExecutable(each.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Adds the file of a value; returns its name among the values. */
  String value(Path file) {
    return known.computeIfAbsent(file, absent -> {
      String name = known.size() + ".json";
      files.put(CALL + "values/" + name, file);
      return name;
    });
  }

  /** Adds a file of the workflow's folder, if it is there. An absolute path is that of a place that jobs see. */
  void base(Path base, String name) {
    Path file = base.resolve(name);
    if (!name.startsWith("/") && Files.isRegularFile(file)) {
      files.put(BASE + Path.of(name).normalize(), file);
    }
  }

  /** Adds a file, or a folder with all that is in it, that a value names; returns its name below that of the calls. */
  String named(Path path) {
    String before = known.get(path);
    if (before != null) {
      return before;
    }
    String name = "files/" + known.size() + "/" + path.getFileName();
    known.put(path, name);
    List<Path> all = new ArrayList<>();
    try (Stream<Path> found = Files.walk(path)) {
      found.filter(Files::isRegularFile).forEach(all::add);
    } catch (IOException | java.io.UncheckedIOException e) {
      throw new MusterException(
          "a file that an input names cannot be sent to a job: " + path + ": " + IoErrors.words(e),
          e);
    }
    all.forEach(file ->
        files.put(CALL + (file.equals(path) ? name : name + "/" + path.relativize(file)), file));
    return name;
  }
}
