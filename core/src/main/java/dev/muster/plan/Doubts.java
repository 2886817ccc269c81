package dev.muster.plan;

import dev.muster.error.Suggestions;
import dev.muster.error.Unread;
import dev.muster.execution.EffectiveExecution;
import dev.muster.execution.Execution;
import dev.muster.execution.Layers;
import dev.muster.execution.NamedExecutor;
import dev.muster.execution.Pool;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Stage;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a stage has no route only because something could not be read, and has been told. Immutable and
 * thread-safe.
 */
final class Doubts {
  private static final String POOLS = "execution.pools";
  private static final String PROFILES = "execution.profiles";

  private final Unread unread;
  private final Execution execution;
  private final Router router;
  private final boolean lostBackend;
  private final boolean lostPools;
  private final boolean unknownLabels;

  Doubts(Unread unread, EffectiveExecution effective, Router router) {
    this.unread = unread;
    execution = effective.execution();
    lostBackend = isUnset("backend", effective) || isUnset("strategy", effective);
    this.router = router;
    lostPools = unread.covers(Unread.SITE) || unread.paths().stream().anyMatch(this::isLostPool);
    unknownLabels = execution.pools().values().stream().anyMatch(this::hasUnknownLabel);
  }

  /** Tells whether nothing that was read sets a value, and something that was not may. */
  private boolean isUnset(String path, EffectiveExecution effective) {
    return unread.covers("execution." + path)
        || (unread.covers(Unread.SITE)
            && Layers.DEFAULTS.equals(effective.origins().get(path)));
  }

  private boolean isLostPool(String path) {
    if (!path.startsWith(POOLS + ".")) {
      return "execution".equals(path) || POOLS.equals(path);
    }
    String rest = path.substring(POOLS.length() + 1);
    return execution.pools().keySet().stream()
        .noneMatch(pool ->
            rest.equals(pool) || rest.startsWith(pool + ".") || rest.startsWith(pool + "["));
  }

  private boolean hasUnknownLabel(Pool pool) {
    String path = POOLS + "." + pool.name();
    return pool.resource() == null
        && (unread.covers(path + ".use")
            || unread.touches(path + ".resources.class")
            || (pool.use() != null
                && unread.touches(PROFILES + "." + pool.use() + ".resources.class")));
  }

  private boolean hasUnknownQuantities(Pool pool) {
    String path = POOLS + "." + pool.name();
    String label = pool.resource();
    return unread.covers(path + ".use")
        || unread.touches(path + ".resources")
        || (pool.use() != null && unread.touches(PROFILES + "." + pool.use() + ".resources"))
        || (label != null
            && (unread.touches("execution.resources." + label)
                || unread.touches(POOLS + "." + label + ".resources")));
  }

  /** Tells whether it is not known to which backend a stage goes. */
  boolean adrift(Stage stage) {
    if (unread.isEmpty()) {
      return false;
    }
    boolean chosen = stage.backend() != null || executorOf(stage) != null;
    return ownUnread(stage) || (!chosen && lostBackend);
  }

  /** Tells whether what a stage itself says of its place could not be read. */
  private boolean ownUnread(Stage stage) {
    String own = "stage " + stage.id();
    String named = executorOf(stage);
    return unread.covers(own + ".execution.backend")
        || unread.covers(own + ".execution.executor")
        || unread.covers(own + ".environment.executor")
        || unread.covers("global.executor")
        || (named != null && unread.touches("execution.executors." + named));
  }

  private static @Nullable String executorOf(Stage stage) {
    return stage.executor() != null ? stage.executor() : stage.environment().executor();
  }

  /** Tells whether there is certainly no pool of a label. */
  boolean lacks(String label) {
    if (unread.covers(POOLS + "." + label)) {
      return false;
    }
    return !(lostPools || unknownLabels) || Suggestions.nearest(label, router.labels()) != null;
  }

  /** Tells whether why a stage has no route is certain. */
  boolean certain(Stage stage, Answer.Missing missing) {
    if (unread.isEmpty()) {
      return true;
    }
    if (missing.path().equals(".executor")) {
      return executor(String.valueOf(executorOf(stage)));
    }
    if (ownUnread(stage)) {
      return false;
    }
    String own = "stage " + stage.id();
    if (missing.path().equals(".environment.resources")) {
      return !unread.touches(own + ".environment.resources")
          && !unread.touches("global.resources")
          && !lostPools
          && candidates(stage);
    }
    return stage.requirement() instanceof Requirement.Require require
        ? lacks(require.label())
        : lacks(RoutingRules.DEFAULT)
            && !lostPools
            && !unknownLabels
            && !unread.touches(own + ".execution")
            && !unread.touches(own + ".environment")
            && !unread.touches("global");
  }

  private boolean executor(String name) {
    @Nullable NamedExecutor executor = execution.executors().get(name);
    String pool = executor == null ? null : executor.pool();
    return !unread.covers(Unread.SITE)
        && !unread.touches("execution.executors." + name)
        && (pool == null || !unread.covers(POOLS + "." + pool));
  }

  /** Tells whether the quantities of all pools that a stage might go to are known. */
  private boolean candidates(Stage stage) {
    String label =
        stage.requirement() instanceof Requirement.Require require ? require.label() : null;
    return execution.pools().values().stream()
        .filter(pool -> label == null || label.equals(pool.name()) || label.equals(pool.resource()))
        .noneMatch(this::hasUnknownQuantities);
  }
}
