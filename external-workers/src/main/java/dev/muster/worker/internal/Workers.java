package dev.muster.worker.internal;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.Strategy;
import dev.muster.error.Suggestions;
import dev.muster.internal.discovery.Catalog;
import dev.muster.internal.discovery.Services;
import dev.muster.internal.process.Launchers;
import dev.muster.plan.Delegation;
import dev.muster.spi.Plugin;
import dev.muster.worker.Executor;
import dev.muster.worker.WorkerFunctions;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Executors and Java functions by name: those of Muster, those given, and those found. Thread-safe. */
public final class Workers {
  private final Catalog<Executor> executors;
  private final Catalog<WorkerFunctions> functions;
  private final List<? extends Plugin> given;

  /**
   * Makes one.
   *
   * @param given what was given as instances; others than executors and functions are left out
   */
  public Workers(List<? extends Plugin> given) {
    this.given = List.copyOf(given);
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
    if (kind != null || executors.get(name) != null || strategy(name) != null) {
      return;
    }
    if (Delegation.is(name)) {
      throw new IllegalArgumentException(
          "'" + name + "' hands calls to other executors, and nothing"
              + " says to which: describe it in execution.executors, with a name of its own and the type "
              + name);
    }
    if (Kind.jobs(name)) {
      throw new IllegalArgumentException("the executor '" + name + "' runs workers as jobs of the"
          + " strategy '" + Kind.strategy(name) + "', and nothing that is installed has a strategy"
          + " of that name");
    }
    SortedSet<String> known = names();
    known.addAll(others);
    String near = Suggestions.didYouMean(name, known);
    throw new IllegalArgumentException("there is no executor '" + name + "'; "
        + (near == null ? "known: " + Suggestions.listed(known) : near));
  }

  /** Returns the strategy whose jobs an executor of a name makes, or null if it makes none. */
  private @Nullable Strategy strategy(String name) {
    return Kind.of(name) != null || executors.get(name) != null
        ? null
        : Jobs.strategy(Kind.strategy(name), given);
  }

  /**
   * Checks what the jobs of an executor ask for; of one that makes none nothing happens.
   *
   * @param worker the worker's name
   * @throws dev.muster.error.MusterException if an option is wrong, or the strategy has no words for it
   */
  void checkJobs(@Nullable String executor, String worker, JobSource source) {
    Strategy strategy = executor == null ? null : strategy(executor);
    if (strategy != null) {
      JobRunner.check(strategy, request(strategy, source), worker, source.base());
    }
  }

  private static JobRequest request(Strategy strategy, JobSource source) {
    return JobRequest.read(strategy, source.config(), source.path(), source.base());
  }

  /**
   * Returns what runs the calls of a worker.
   *
   * @param executor the executor's name, or null for the one that the worker's launcher is made for
   * @param source what its jobs ask for, if it makes some
   * @param launchers what starts processes
   * @param systems what submits jobs
   * @throws IllegalArgumentException if there is no such executor or worker
   */
  CallRunner runner(
      @Nullable String executor,
      String worker,
      WorkerOptions options,
      JobSource source,
      Launchers launchers,
      JobSystems systems) {
    Registry.Launcher launcher = launcher(executor, worker, options);
    Kind kind = executor == null ? null : Kind.of(executor);
    if (launcher == null) {
      return kind == Kind.MEMORY
          ? new FunctionRunner(function(worker))
          : new OwnRunner(
              Objects.requireNonNull(executors.get(Objects.requireNonNull(executor))), worker);
    }
    Strategy strategy = executor == null ? null : strategy(executor);
    if (strategy != null) {
      return new JobRunner(worker, launcher, options, strategy, request(strategy, source), systems);
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
      if (strategy(executor) == null) {
        return null;
      }
      kind = options.launch();
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
