package dev.muster.worker.internal;

import dev.muster.error.Suggestions;
import dev.muster.internal.discovery.Catalog;
import dev.muster.internal.discovery.Services;
import dev.muster.internal.process.Launchers;
import dev.muster.spi.Plugin;
import dev.muster.worker.Executor;
import dev.muster.worker.WorkerFunctions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Executors and Java functions by name: those of Muster, those given, and those found. Thread-safe. */
public final class Workers {
  private static final String ASSIGN =
      "execution.assignments gives each worker, or pattern of WORKER.FUNCTION, its executor, and an"
          + " executor 'default' has the others";
  private static final Map<String, String> INSTEAD = Map.of(
      "multiple", ASSIGN, "MultipleExecutor", ASSIGN, "task", ASSIGN, "TaskExecutor", ASSIGN);

  private final Catalog<Executor> executors;
  private final Catalog<WorkerFunctions> functions;

  /**
   * Makes one.
   *
   * @param given what was given as instances; others than executors and functions are left out
   */
  public Workers(List<? extends Plugin> given) {
    Services services = Services.installed(Workers.class, new Services.Loader() {
      @Override
      public <P> ServiceLoader<P> load(Class<P> type, ClassLoader loader) {
        return ServiceLoader.load(type, loader);
      }
    });
    executors = new Catalog<>(
        "executor",
        Executor.class,
        each -> List.of(each.name()),
        of(Executor.class, given),
        List.of(),
        services);
    functions = new Catalog<>(
        "worker",
        WorkerFunctions.class,
        each -> List.of(each.worker()),
        of(WorkerFunctions.class, given),
        List.of(),
        services);
  }

  private static <T> List<T> of(Class<T> type, List<? extends Plugin> given) {
    return given.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** Returns the names of all executors. */
  SortedSet<String> names() {
    SortedSet<String> names = executors.names();
    names.addAll(Kind.names());
    return names;
  }

  /**
   * Checks that there is an executor of a name, and that it can be used.
   *
   * @param others what else could have been meant
   * @throws IllegalArgumentException if not; says which there are, or why
   */
  void check(String name, Collection<String> others) {
    Kind kind = Kind.of(name);
    String instead = INSTEAD.get(name);
    if (instead != null) {
      throw new IllegalArgumentException("'" + name + "' is no executor of its own: " + instead);
    }
    if (kind == null && executors.get(name) == null) {
      SortedSet<String> known = names();
      known.addAll(others);
      String near = Suggestions.didYouMean(name, known);
      throw new IllegalArgumentException("there is no executor '" + name + "'; "
          + (near == null ? "known: " + Suggestions.listed(known) : near));
    }
    if (kind != null && kind.refusal() != null) {
      throw new IllegalArgumentException(
          "the executor '" + name + "' cannot be used: " + kind.refusal());
    }
  }

  /**
   * Returns what runs the calls of a worker.
   *
   * @param executor the executor's name, or null for the one that the worker's launcher is made for
   * @param launchers what starts processes
   * @throws IllegalArgumentException if there is no such executor or worker
   */
  CallRunner runner(
      @Nullable String executor, String worker, WorkerOptions options, Launchers launchers) {
    Registry.Launcher launcher = launcher(executor, worker, options);
    Kind kind = executor == null ? null : Kind.of(executor);
    if (launcher == null) {
      return kind == Kind.MEMORY
          ? new FunctionRunner(function(worker))
          : new OwnRunner(
              Objects.requireNonNull(executors.get(Objects.requireNonNull(executor))), worker);
    }
    Kind chosen =
        kind != null ? kind : launcher.form() == Registry.Form.PYTHON ? Kind.UV : Kind.SHELL;
    return new ProcessRunner(chosen, worker, launcher, options, launchers);
  }

  /**
   * Returns what starts a worker; null where that is no file.
   *
   * @throws IllegalArgumentException if there is no such executor or worker
   */
  Registry.@Nullable Launcher launcher(
      @Nullable String executor, String worker, WorkerOptions options) {
    if (executor != null) {
      check(executor, List.of());
    }
    Kind kind = executor == null ? null : Kind.of(executor);
    if (executor != null && kind == null) {
      return null;
    }
    if (kind == Kind.MEMORY) {
      Objects.requireNonNull(function(worker));
      return null;
    }
    Registry.Form form =
        kind == null ? null : kind == Kind.UV ? Registry.Form.PYTHON : Registry.Form.PROGRAM;
    return options.registry().find(worker, form, null);
  }

  private WorkerFunctions function(String worker) {
    WorkerFunctions own = functions.get(worker);
    if (own == null) {
      throw new IllegalArgumentException("there is no worker '" + worker + "' in Java; there are "
          + functions.names() + "; is the jar with its WorkerFunctions on the class path?");
    }
    return own;
  }
}
