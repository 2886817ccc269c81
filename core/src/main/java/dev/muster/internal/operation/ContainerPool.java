package dev.muster.internal.operation;

import dev.muster.execution.Pool;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How containers are run on the workers of one pool. Immutable and thread-safe.
 *
 * @param runtime what runs them
 * @param options more options for it, as they are
 * @param gpus whether containers get GPUs
 */
record ContainerPool(ContainerRuntime runtime, List<String> options, boolean gpus) {
  /** The option with more words for the runtime's command line, for example another folder to mount. */
  static final String OPTIONS = "container_options";

  ContainerPool {
    options = List.copyOf(options);
  }

  /**
   * Finds out what a pool says.
   *
   * @param config the options of the execution; those of the pool win
   * @param pool null where there is no pool
   * @throws IllegalArgumentException if the runtime is not there, or an option is not what it must be
   */
  static ContainerPool of(
      Map<String, ? extends @Nullable Object> config, @Nullable Pool pool, Path baseDirectory) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(config);
    boolean gpus = false;
    if (pool != null) {
      all.putAll(pool.config());
      Integer count = pool.quantities().gpus();
      gpus = count != null && count > 0;
    }
    return new ContainerPool(
        ContainerRuntime.find(all.get(ContainerRuntime.OPTION), baseDirectory),
        options(all.get(OPTIONS)),
        gpus);
  }

  Map<String, Object> json() {
    return Map.of("runtime", runtime.program().toString(), "options", options, "gpus", gpus);
  }

  private static List<String> options(@Nullable Object value) {
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
      return list.stream().map(String.class::cast).toList();
    }
    throw Params.wrong(
        "execution.config." + OPTIONS, "a list of words such as [\"--volume\", \"/cvmfs\"]", value);
  }
}
