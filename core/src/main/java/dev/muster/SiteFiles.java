package dev.muster;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Layer;
import dev.muster.internal.yaml.SiteLoader;
import dev.muster.workflow.Registry;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the site says about where to run: the files of {@code MUSTER_SITE}, then the user's own
 * {@code ~/.config/muster/site.yaml}. They lie below every workflow file.
 *
 * <p>Immutable and thread-safe.
 *
 * @param layers one for each file, the lowest first
 * @param registry their implementations, merged
 * @since 0.1
 */
@CheckReturnValue
public record SiteFiles(List<Layer> layers, Registry registry) {
  /** The environment variable that lists site files, separated like the entries of {@code PATH}; later ones win. */
  public static final String VARIABLE = "MUSTER_SITE";

  public SiteFiles {
    layers = List.copyOf(layers);
  }

  /** Returns no site files. */
  public static SiteFiles none() {
    return new SiteFiles(List.of(), Registry.empty());
  }

  /**
   * Reads the site files of this process's environment variables and user.
   *
   * @throws WorkflowException if a file cannot be read or is not a site file; lists all problems
   */
  public static SiteFiles standard() {
    return read(System.getenv(), home());
  }

  /**
   * Reads site files.
   *
   * @param environment the environment variables; {@value #VARIABLE} counts
   * @param home the home folder, whose {@code .config/muster/site.yaml} is read if it is there, or null for none
   * @throws WorkflowException if a file cannot be read or is not a site file; lists all problems
   */
  public static SiteFiles read(Map<String, String> environment, @Nullable Path home) {
    Read read = readAll(environment, home);
    if (!read.problems().isEmpty()) {
      throw new WorkflowException(read.problems());
    }
    return read.files();
  }

  /**
   * Site files of which some may be wrong.
   *
   * @param files what could be read
   * @param problems what is wrong
   * @param unread what could not be read
   */
  record Read(SiteFiles files, List<Problem> problems, Set<String> unread) {}

  /** Reads site files; what is wrong with them does not keep it from reading the rest. */
  static Read readAll(Map<String, String> environment, @Nullable Path home) {
    List<Problem> problems = new ArrayList<>();
    Set<String> unread = new LinkedHashSet<>();
    List<Layer> layers = new ArrayList<>();
    Registry registry = Registry.empty();
    Set<Path> files = files(environment.getOrDefault(VARIABLE, ""), home, problems);
    if (!problems.isEmpty()) { // one that is listed is not there
      unread.addAll(SiteLoader.NOTHING_READ);
    }
    for (Path file : files) {
      try {
        SiteLoader.Site site = SiteLoader.load(file);
        layers.add(site.layer());
        registry = site.registry().over(registry);
        problems.addAll(site.problems());
        unread.addAll(site.unread());
      } catch (WorkflowException e) {
        problems.addAll(e.problems());
        unread.addAll(SiteLoader.NOTHING_READ);
      }
    }
    return new Read(new SiteFiles(layers, registry), problems, unread);
  }

  private static Set<Path> files(String listed, @Nullable Path home, List<Problem> problems) {
    Set<Path> files = new LinkedHashSet<>();
    for (String entry : listed.split(File.pathSeparator, -1)) {
      if (entry.isBlank()) {
        continue;
      }
      try {
        Path file = Path.of(entry);
        if (Files.exists(file)) {
          files.add(file);
        } else {
          problems.add(new Problem(
              null,
              "",
              "the site file " + entry + " does not exist",
              "correct the environment variable " + VARIABLE));
        }
      } catch (InvalidPathException e) {
        problems.add(new Problem(
            null,
            "",
            "'" + entry + "' is not a path",
            "correct the environment variable " + VARIABLE));
      }
    }
    Path own = home == null ? null : SiteLoader.configuration(home).resolve("site.yaml");
    if (own != null && Files.exists(own)) {
      files.add(own);
    }
    return files;
  }

  /** Returns the user's home folder, or null if the JVM knows none. */
  static @Nullable Path home() {
    String home = System.getProperty("user.home");
    if (home == null || home.isBlank() || home.equals("?")) {
      return null;
    }
    return Path.of(home);
  }
}
