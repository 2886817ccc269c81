package dev.muster.internal.yaml;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.Unread;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.workflow.Registry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads site files: what {@code execution} holds, under that key or at the top, and a {@code registry}. */
public final class SiteLoader {
  private static final String FOR_STRATEGY = "for_strategy";
  private static final List<String> ABOUT =
      List.of("version", "name", "description", "registry", FOR_STRATEGY);
  private static final Map<String, String> HINTS = Map.of(
      "analysis", "this is a workflow file; a site file says only where to run",
      "stages", "this is a workflow file; a site file says only where to run");

  /** Stands for what could not be read if nothing of a site file could. */
  public static final List<String> NOTHING_READ = List.of(Unread.SITE);

  private SiteLoader() {}

  /**
   * What a site file holds.
   *
   * @param layer its execution
   * @param registry its implementations
   * @param problems what is wrong with it
   * @param unread the paths of what could not be read, as in a workflow file
   */
  public record Site(
      Layer layer, Registry registry, List<Problem> problems, Collection<String> unread) {}

  /** Returns the folder of a user's own settings. */
  public static Path configuration(Path home) {
    return home.resolve(".config").resolve("muster");
  }

  /**
   * Reads a site file.
   *
   * @throws WorkflowException if nothing can be read; lists all problems
   */
  public static Site load(Path file) {
    return load(SourceText.of(file), "site " + file);
  }

  static Site load(SourceText source, String layerName) {
    Problems problems = new Problems(source.file());
    Node root = TreeReader.read(source, problems);
    if (root == null) {
      problems.throwIfAny();
      return new Site(
          new Layer(layerName, Execution.builder().build(), Map.of()),
          Registry.empty(),
          List.of(),
          List.of());
    }
    Fields top = Fields.of(problems, Where.ROOT, root, "start with pools: or execution:");
    if (top == null) {
      problems.throwIfAny();
      throw new AssertionError("a problem was noted");
    }
    boolean nested = top.has("execution");
    List<String> known = new ArrayList<>(ABOUT);
    known.addAll(nested ? List.of("execution") : ExecutionBinder.KEYS);
    top.only(known, HINTS);
    Fields own = nested ? top.map("execution", ExecutionBinder.HINT) : top;
    if (own != null && own.node("profiles") instanceof ListNode) {
      own.problemAt(
          "profiles",
          "a site file cannot load other site files",
          "write profiles as NAME: {...}, or name all files in the workflow or MUSTER_SITE");
    }
    Execution execution = nested ? ExecutionBinder.bindClosed(own) : ExecutionBinder.bind(own);
    Registry registry =
        RegistryBinder.bind(top.map("registry", "write operations: {NAME: {impl: ...}}"));
    String forStrategy = top.text(FOR_STRATEGY);
    if (forStrategy != null && execution.strategy() != null) {
      top.problemAt(
          FOR_STRATEGY,
          "a site file for one strategy cannot choose the strategy",
          "remove 'strategy', or '" + FOR_STRATEGY + "'");
      forStrategy = null;
    }
    Map<String, SourceLocation> locations = ExecutionBinder.locations(own);
    MapNode.Entry about = top.map().find(FOR_STRATEGY);
    if (about != null) {
      locations.put(FOR_STRATEGY, problems.location(about.atLine(), about.atColumn()));
    }
    return new Site(
        new Layer(layerName, execution, locations, forStrategy, problems.warnings()),
        registry,
        problems.all(),
        unread(problems));
  }

  private static Collection<String> unread(Problems problems) {
    if (problems.isFull()) {
      return NOTHING_READ;
    }
    Set<String> unread = new LinkedHashSet<>();
    for (String path : problems.unread()) {
      if (path.isEmpty() || path.startsWith(FOR_STRATEGY)) {
        return NOTHING_READ;
      }
      boolean inside = path.startsWith("registry") || path.startsWith("execution");
      unread.add(inside ? path : "execution." + path);
    }
    return unread;
  }
}
