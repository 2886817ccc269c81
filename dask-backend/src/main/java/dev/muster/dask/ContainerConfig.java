package dev.muster.dask;

import dev.muster.execution.Pool;
import dev.muster.spi.WorkerContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What workers are told of the containers of a stage. Immutable and thread-safe. */
final class ContainerConfig {
  /** The names of the options, of an execution or a pool. */
  static final Set<String> OPTIONS = Set.of("container_runtime", "container_options");

  private ContainerConfig() {}

  /**
   * Returns the image, the names of the variables that lead to credentials, and for each pool how its workers run containers. The pool with the empty name stands for workers that somebody else started.
   *
   * @throws dev.muster.error.WorkflowException if an option is not what it must be
   */
  static Map<String, @Nullable Object> of(WorkerContext context, String image) {
    Map<String, @Nullable Object> pools = new LinkedHashMap<>();
    pools.put("", pool("execution", context.config(), false));
    for (Pool pool : context.pools()) {
      Map<String, @Nullable Object> config = new LinkedHashMap<>(context.config());
      config.putAll(pool.config());
      Integer gpus = pool.quantities().gpus();
      pools.put(pool.name(), pool("pool " + pool.name(), config, gpus != null && gpus > 0));
    }
    Map<String, @Nullable Object> container = new LinkedHashMap<>();
    container.put("image", image);
    container.put("pools", pools);
    container.put("credentials", List.copyOf(context.credentials().variables().keySet()));
    return container;
  }

  private static Map<String, @Nullable Object> pool(
      String owner, Map<String, @Nullable Object> config, boolean gpus) {
    DaskConfig.Reader reader = new DaskConfig.Reader(owner, config);
    Object options = config.get("container_options");
    if (options != null
        && !(options instanceof List<?> list && list.stream().allMatch(String.class::isInstance))) {
      throw reader.wrong(
          "container_options", "a list of words such as [\"--volume\", \"/cvmfs\"]", options);
    }
    Map<String, @Nullable Object> pool = new LinkedHashMap<>();
    pool.put(
        "runtime",
        reader.typed("container_runtime", String.class, "the name or path of a program"));
    pool.put("options", options == null ? List.of() : options);
    pool.put("gpus", gpus);
    return pool;
  }
}
