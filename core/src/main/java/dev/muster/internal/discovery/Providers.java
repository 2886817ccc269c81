package dev.muster.internal.discovery;

import dev.muster.error.MusterException;
import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import dev.muster.spi.Backend;
import dev.muster.spi.Infrastructure;
import dev.muster.spi.ModifierProvider;
import dev.muster.spi.OperationProvider;
import dev.muster.spi.Plugin;
import dev.muster.spi.RunReporter;
import dev.muster.spi.WorkerPlugin;
import dev.muster.spi.WorkerProvider;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Backends, operations and modifiers by name: given as instances, else built in, else found with {@link
 * java.util.ServiceLoader}; and the infrastructure that starts workers.
 *
 * <p>Those found are looked for when they are first needed, and logged at debug with the place that they come from.
 * Thread-safe.
 */
public final class Providers {
  private final Catalog<Backend> backends;
  private final Catalog<OperationProvider> operations;
  private final Catalog<ModifierProvider> modifiers;
  private final List<Plugin> plugins;
  private final Services services;
  private @Nullable Infrastructure infrastructure;
  private @Nullable List<WorkerProvider> workers;

  Providers(
      List<Backend> backends,
      List<OperationProvider> operations,
      List<ModifierProvider> modifiers,
      List<Plugin> plugins,
      List<Backend> builtInBackends,
      Services services) {
    this.backends = new Catalog<>(
        "backend",
        Backend.class,
        backend -> List.of(backend.name()),
        backends,
        builtInBackends,
        services);
    this.operations = new Catalog<>(
        "operation",
        OperationProvider.class,
        OperationProvider::names,
        operations,
        List.of(),
        services);
    this.modifiers = new Catalog<>(
        "modifier",
        ModifierProvider.class,
        ModifierProvider::names,
        modifiers,
        List.of(),
        services);
    this.plugins = List.copyOf(plugins);
    this.services = services;
  }

  /**
   * Returns the providers of a run.
   *
   * @param plugins what the infrastructure is given
   * @param builtInBackends the backends that come with Muster
   * @throws IllegalArgumentException if two given instances of one kind have one name
   */
  public static Providers of(
      List<Backend> backends,
      List<OperationProvider> operations,
      List<ModifierProvider> modifiers,
      List<Plugin> plugins,
      List<Backend> builtInBackends) {
    return new Providers(
        backends, operations, modifiers, plugins, builtInBackends, Services.installed());
  }

  /**
   * Returns the backend of that name.
   *
   * @throws WorkflowException if there is none; lists those that there are
   * @throws MusterException if two found ones have the name, or one cannot be loaded
   */
  public Backend backend(String name) {
    return backends.require(name);
  }

  /** Tells whether there is a backend of that name. */
  public boolean hasBackend(String name) {
    return backends.get(name) != null;
  }

  /**
   * Returns what starts workers.
   *
   * @throws MusterException if there are two, or one cannot be loaded
   */
  public synchronized Infrastructure infrastructure() {
    if (infrastructure == null) {
      List<Infrastructure> found = services.load(Infrastructure.class);
      if (found.size() > 1) {
        throw new MusterException("there are two infrastructures: "
            + found.stream().map(Services::describe).collect(Collectors.joining(" and "))
            + "; remove one of them");
      }
      infrastructure = found.isEmpty() ? new NoInfrastructure() : found.get(0);
    }
    return infrastructure;
  }

  /** Returns what the infrastructure is given. */
  public List<Plugin> plugins() {
    return plugins.stream().filter(each -> !(each instanceof WorkerPlugin)).toList();
  }

  /** Returns all that was given as an instance, for whoever takes what it knows. */
  public List<Plugin> allPlugins() {
    return plugins;
  }

  /**
   * Returns what runs external workers, or null if nothing that is installed does.
   *
   * @throws MusterException if there are two, or one cannot be loaded
   */
  public synchronized @Nullable WorkerProvider workers() {
    if (workers == null) {
      workers = services.load(WorkerProvider.class);
      if (workers.size() > 1) {
        throw new MusterException("there are two providers of external workers: "
            + workers.stream().map(Services::describe).collect(Collectors.joining(" and "))
            + "; remove one of them");
      }
    }
    return workers.isEmpty() ? null : workers.get(0);
  }

  /** Returns the provider given as an instance that has an operation of that name, or null. */
  public @Nullable OperationProvider givenOperation(String name) {
    return operations.given(name);
  }

  /**
   * Returns the found provider that has an operation of that name, or null.
   *
   * @throws MusterException if there are two, or one cannot be loaded
   */
  public @Nullable OperationProvider foundOperation(String name) {
    return operations.found(name);
  }

  /** Returns the names of all operations given or found. */
  public SortedSet<String> operationNames() {
    return operations.names();
  }

  /** Returns the provider given as an instance that has a modifier of that name, or null. */
  public @Nullable ModifierProvider givenModifier(String name) {
    return modifiers.given(name);
  }

  /**
   * Returns the found provider that has a modifier of that name, or null.
   *
   * @throws MusterException if there are two, or one cannot be loaded
   */
  public @Nullable ModifierProvider foundModifier(String name) {
    return modifiers.found(name);
  }

  /** Returns the names of all modifiers given or found. */
  public SortedSet<String> modifierNames() {
    return modifiers.names();
  }

  /**
   * Returns the options of all backends that say which they honour.
   */
  public SortedSet<String> backendOptions() {
    SortedSet<String> known = new TreeSet<>();
    for (String name : backends.names()) {
      Set<String> options = backend(name).options();
      known.addAll(options == null ? Set.of() : options);
    }
    return known;
  }

  /**
   * Returns those that write into the directories of runs that have ended.
   *
   * @throws MusterException if one cannot be loaded
   */
  public List<RunReporter> reporters() {
    return services.load(RunReporter.class);
  }

  /** Returns what to say to somebody who asked for {@code name}: what was probably meant, and all that there is. */
  public static @Nullable String suggest(String name, Collection<String> known) {
    String nearest = Suggestions.nearest(name, known);
    if (known.isEmpty()) {
      return null;
    }
    return (nearest == null ? "" : "did you mean '" + nearest + "'? ") + "known: "
        + Suggestions.listed(known);
  }
}
