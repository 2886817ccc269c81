package dev.muster.code;

import dev.muster.error.WorkflowException;
import dev.muster.execution.Pool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a command runs in: an image, and how each container runtime is called that a worker may have. Everything that
 * can
 * be decided before a task runs is decided here, once; a worker finds its runtime, fills the slots and runs. Immutable
 * and thread-safe.
 *
 * @param image the image as the workflow names it
 * @param path of an image that is a file or a folder, its path as the workflow names it; else null
 * @param name of an image that is neither, what it is called; else empty
 * @param ways how containers are run, by pool; the empty name stands for all other pools
 * @since 0.1
 */
public record ContainerSpec(
    String image, @Nullable String path, String name, Map<String, Way> ways) {
  /** The options, of an execution or a pool, that say how containers are run. */
  public static final Set<String> OPTIONS =
      Set.of(ContainerRecipes.RUNTIME, ContainerRecipes.OPTIONS);

  public ContainerSpec {
    ways = Collections.unmodifiableMap(new LinkedHashMap<>(ways));
  }

  /**
   * How containers are run on the workers of a pool.
   *
   * @param inherits variables of the worker that containers get, too
   * @param runtimes the runtimes that are looked for, in this order
   * @param missing what is told where none of them is there
   */
  public record Way(List<String> inherits, List<RuntimeSpec> runtimes, String missing) {
    public Way {
      inherits = List.copyOf(inherits);
      runtimes = List.copyOf(runtimes);
    }
  }

  /**
   * Decides how commands are run in an image.
   *
   * @param image the image as the workflow names it
   * @param config the options of the execution; those of a pool win
   * @param pools the pools whose workers may run them
   * @throws WorkflowException if an option is not what it must be, or the runtime that it names cannot run the image
   * @throws IllegalArgumentException if the image's name is a template
   */
  public static ContainerSpec of(
      String image, Map<String, ? extends @Nullable Object> config, Collection<Pool> pools) {
    return ContainerRecipes.of(image, config, pools);
  }

  /** Returns what of a task its containers find. */
  public List<Mount> mounts() {
    return Mount.ALL;
  }

  /** Returns how containers are run in a pool. */
  public Way way(String pool) {
    Way own = ways.get(pool);
    return own == null ? ways.getOrDefault("", ways.values().iterator().next()) : own;
  }

  /**
   * Returns it as JSON has it; a worker needs nothing else of it.
   *
   * @param credentials the variables that lead to credentials: those that the worker has are passed on, and what they
   *     lead
   * to is mounted
   */
  public Map<String, @Nullable Object> json(Collection<String> credentials) {
    List<Way> distinct = new ArrayList<>();
    Map<String, Object> pools = new LinkedHashMap<>();
    ways.forEach((pool, way) -> {
      if (!distinct.contains(way)) {
        distinct.add(way);
      }
      pools.put(pool, distinct.indexOf(way));
    });
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("image", image);
    json.put("path", path);
    json.put("name", name);
    json.put("pools", pools);
    json.put(
        "ways",
        distinct.stream()
            .map(way -> Map.of(
                "inherits",
                way.inherits(),
                "runtimes",
                way.runtimes().stream().map(RuntimeSpec::json).toList(),
                "missing",
                way.missing()))
            .toList());
    json.put("credentials", List.copyOf(credentials));
    json.put("mounts", mounts().stream().map(Mount::json).toList());
    return json;
  }

  @Override
  public String toString() {
    return image;
  }
}
