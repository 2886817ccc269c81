package dev.muster.internal.yaml;

import dev.muster.error.WorkflowException;
import dev.muster.execution.Layer;
import dev.muster.workflow.Registry;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds and reads the site files that a workflow file names, by path or by name. */
final class ProfileFiles {
  /** A site file as the workflow file names it. */
  record Named(String name, Node node, Where where) {}

  private final Path directory;
  private final @Nullable Path home;
  private final Problems problems;

  /**
   * Creates a finder.
   *
   * @param directory the folder of the file that names them
   * @param home the user's home folder, or null if there is none
   */
  ProfileFiles(Path directory, @Nullable Path home, Problems problems) {
    this.directory = directory;
    this.home = home;
    this.problems = problems;
  }

  /** What the files hold: their layers, the lowest first, and their registries merged. */
  record Found(List<Layer> layers, Registry registry) {}

  /** Reads the files, each once; what is wrong in them is added to the problems. */
  Found read(List<Named> names) {
    Map<Path, SiteLoader.Site> read = new LinkedHashMap<>();
    Registry registry = Registry.empty();
    for (Named named : names) {
      Path file = find(named);
      if (file == null) {
        SiteLoader.NOTHING_READ.forEach(problems::unread);
        continue;
      }
      if (read.containsKey(file)) {
        continue;
      }
      try {
        SiteLoader.Site site = SiteLoader.load(SourceText.of(file), "profile " + file);
        read.put(file, site);
        registry = site.registry().over(registry);
        problems.addAll(site.problems(), named.node());
        site.unread().forEach(problems::unread);
      } catch (WorkflowException e) {
        problems.addAll(e.problems(), named.node());
        SiteLoader.NOTHING_READ.forEach(problems::unread);
      }
    }
    List<Layer> layers = new ArrayList<>();
    read.values().forEach(site -> layers.add(site.layer()));
    return new Found(layers, registry);
  }

  private @Nullable Path find(Named named) {
    String name = named.name();
    Set<Path> candidates = new LinkedHashSet<>();
    try {
      if (name.startsWith("~/") && home != null) {
        candidates.add(home.resolve(name.substring(2)));
      } else if (name.indexOf('/') >= 0
          || name.indexOf('\\') >= 0
          || name.endsWith(".yaml")
          || name.endsWith(".yml")) {
        candidates.add(directory.resolve(name));
      } else {
        String file = name + ".yaml";
        candidates.add(directory.resolve(file));
        candidates.add(directory.resolve("profiles").resolve(file));
        if (home != null) {
          candidates.add(SiteLoader.configuration(home).resolve("profiles").resolve(file));
        }
      }
    } catch (InvalidPathException e) {
      problems.add(named.node(), named.where(), Quoted.of(name) + " is not a path", null);
      return null;
    }
    for (Path candidate : candidates) {
      if (Files.isRegularFile(candidate)) {
        return candidate;
      }
    }
    problems.add(
        named.node(),
        named.where(),
        "there is no site file " + Quoted.of(name),
        "looked for "
            + String.join(", ", candidates.stream().map(Path::toString).toList()));
    return null;
  }
}
