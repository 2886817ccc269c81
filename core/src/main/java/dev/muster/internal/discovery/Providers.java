package dev.muster.internal.discovery;

import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import dev.muster.internal.credential.BearerTokens;
import dev.muster.internal.credential.ProxyCredentials;
import dev.muster.internal.environment.CurrentEnvironment;
import dev.muster.internal.environment.SharedEnvironment;
import dev.muster.internal.process.LocalStrategy;
import dev.muster.spi.Backend;
import dev.muster.spi.CredentialProvider;
import dev.muster.spi.EnvironmentProvider;
import dev.muster.spi.ModifierProvider;
import dev.muster.spi.OperationProvider;
import dev.muster.spi.Strategy;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Backends, strategies, operations, modifiers, workers' environments and credentials by name: given as instances, else built in, else found with {@link
 * java.util.ServiceLoader}.
 *
 * <p>Those found are looked for when they are first needed, and logged at debug with the place that they come from. Thread-safe.
 */
public final class Providers {
  private final Catalog<Backend> backends;
  private final Catalog<Strategy> strategies;
  private final Catalog<OperationProvider> operations;
  private final Catalog<ModifierProvider> modifiers;
  private final Catalog<EnvironmentProvider> environments;
  private final Catalog<CredentialProvider> credentials;

  Providers(
      List<Backend> backends,
      List<Strategy> strategies,
      List<OperationProvider> operations,
      List<ModifierProvider> modifiers,
      List<EnvironmentProvider> environments,
      List<CredentialProvider> credentials,
      List<Backend> builtInBackends,
      Services services) {
    this.backends = new Catalog<>(
        "backend",
        Backend.class,
        backend -> List.of(backend.name()),
        backends,
        builtInBackends,
        services);
    this.strategies = new Catalog<>(
        "strategy",
        Strategy.class,
        strategy -> List.of(strategy.name()),
        strategies,
        List.of(new LocalStrategy()),
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
    this.environments = new Catalog<>(
        "environment",
        EnvironmentProvider.class,
        environment -> List.of(environment.type()),
        environments,
        List.of(new CurrentEnvironment(), new SharedEnvironment()),
        services);
    this.credentials = new Catalog<>(
        "credential",
        CredentialProvider.class,
        credential -> List.of(credential.kind()),
        credentials,
        List.of(new ProxyCredentials(), new BearerTokens("scitokens"), new BearerTokens("wlcg")),
        services);
  }

  /**
   * Returns the providers of a run that was given no environments and no credentials.
   *
   * @throws IllegalArgumentException if two given instances of one kind have one name
   */
  public static Providers of(
      List<Backend> backends,
      List<Strategy> strategies,
      List<OperationProvider> operations,
      List<ModifierProvider> modifiers,
      List<Backend> builtInBackends) {
    return of(backends, strategies, operations, modifiers, List.of(), List.of(), builtInBackends);
  }

  /**
   * Returns the providers of a run.
   *
   * @param builtInBackends the backends that come with Muster; the built-in strategy {@code local} and the environments {@code current} and {@code shared} are always there
   * @throws IllegalArgumentException if two given instances of one kind have one name
   */
  public static Providers of(
      List<Backend> backends,
      List<Strategy> strategies,
      List<OperationProvider> operations,
      List<ModifierProvider> modifiers,
      List<EnvironmentProvider> environments,
      List<CredentialProvider> credentials,
      List<Backend> builtInBackends) {
    return new Providers(
        backends,
        strategies,
        operations,
        modifiers,
        environments,
        credentials,
        builtInBackends,
        Services.installed());
  }

  /**
   * Returns the backend of that name.
   *
   * @throws WorkflowException if there is none; lists those that there are
   * @throws MusterException if two found ones have the name, or one cannot be loaded
   */
  public Backend backend(String name) {
    return require("backend", name, backends);
  }

  /** Tells whether there is a backend of that name. */
  public boolean hasBackend(String name) {
    return backends.get(name) != null;
  }

  /** Tells whether there is a strategy of that name. */
  public boolean hasStrategy(String name) {
    return strategies.get(name) != null;
  }

  /**
   * Returns the strategy of that name.
   *
   * @throws WorkflowException if there is none; lists those that there are
   * @throws MusterException if two found ones have the name, or one cannot be loaded
   */
  public Strategy strategy(String name) {
    return require("strategy", name, strategies);
  }

  /**
   * Returns the provider of workers' environments of that type.
   *
   * @throws WorkflowException if there is none; lists those that there are
   * @throws MusterException if two found ones have the type, or one cannot be loaded
   */
  public EnvironmentProvider environment(String type) {
    return require("environment", type, environments);
  }

  /**
   * Returns the provider of credentials of that kind.
   *
   * @throws WorkflowException if there is none; lists those that there are
   * @throws MusterException if two found ones have the kind, or one cannot be loaded
   */
  public CredentialProvider credential(String kind) {
    return require("credential", kind, credentials);
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
   * Returns the options of everything that is installed: of all backends that say which they honour, and of all
   * strategies.
   */
  public SortedSet<String> knownOptions() {
    SortedSet<String> known = new TreeSet<>();
    for (String name : backends.names()) {
      Set<String> options = backend(name).options();
      known.addAll(options == null ? Set.of() : options);
    }
    strategies.names().forEach(name -> known.addAll(strategy(name).options()));
    return known;
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

  private static <P> P require(String kind, String name, Catalog<P> catalog) {
    P provider = catalog.get(name);
    if (provider == null) {
      throw new WorkflowException(List.of(new Problem(
          null,
          "execution." + (kind.equals("credential") ? "credentials" : kind),
          "there is no " + kind + " named '" + name + "'",
          suggest(name, catalog.names()))));
    }
    return provider;
  }
}
