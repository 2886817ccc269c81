package dev.muster.batch.internal.site;

import dev.muster.batch.internal.credential.BearerTokens;
import dev.muster.batch.internal.credential.ProxyCredentials;
import dev.muster.batch.internal.environment.CurrentEnvironment;
import dev.muster.batch.internal.environment.SharedEnvironment;
import dev.muster.batch.internal.local.LocalStrategy;
import dev.muster.batch.spi.CredentialProvider;
import dev.muster.batch.spi.EnvironmentProvider;
import dev.muster.batch.spi.Strategy;
import dev.muster.internal.discovery.Catalog;
import dev.muster.internal.discovery.Services;
import dev.muster.spi.Plugin;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * Strategies, workers' environments and credentials by name: given as instances, else built in, else found with {@link
 * ServiceLoader}.
 *
 * <p>Those found are looked for when they are first needed, and logged at debug with the place that they come from.
 * Thread-safe.
 */
public final class SiteParts {
  private final Catalog<Strategy> strategies;
  private final Catalog<EnvironmentProvider> environments;
  private final Catalog<CredentialProvider> credentials;

  /**
   * @throws IllegalArgumentException if a plugin is none of the three, or two of one kind have one name
   */
  SiteParts(List<Plugin> plugins, Services services) {
    List<Strategy> givenStrategies = new ArrayList<>();
    List<EnvironmentProvider> givenEnvironments = new ArrayList<>();
    List<CredentialProvider> givenCredentials = new ArrayList<>();
    for (Plugin plugin : plugins) {
      boolean taken = take(plugin, Strategy.class, givenStrategies);
      taken |= take(plugin, EnvironmentProvider.class, givenEnvironments);
      taken |= take(plugin, CredentialProvider.class, givenCredentials);
      if (!taken) {
        throw new IllegalArgumentException("the plugin " + Services.describe(plugin)
            + " is neither a strategy, nor an environment, nor a kind of credentials");
      }
    }
    strategies = new Catalog<>(
        "strategy",
        Strategy.class,
        strategy -> List.of(strategy.name()),
        givenStrategies,
        List.of(new LocalStrategy()),
        services);
    environments = new Catalog<>(
        "environment",
        EnvironmentProvider.class,
        environment -> List.of(environment.type()),
        givenEnvironments,
        List.of(new CurrentEnvironment(), new SharedEnvironment()),
        services);
    credentials = new Catalog<>(
        "credential",
        CredentialProvider.class,
        credential -> List.of(credential.kind()),
        givenCredentials,
        List.of(new ProxyCredentials(), new BearerTokens("scitokens"), new BearerTokens("wlcg")),
        services);
  }

  private static <T> boolean take(Plugin plugin, Class<T> type, List<T> given) {
    if (!type.isInstance(plugin)) {
      return false;
    }
    given.add(type.cast(plugin));
    return true;
  }

  /**
   * Returns those given and those that are installed.
   *
   * @throws IllegalArgumentException if a plugin is none of the three, or two of one kind have one name
   */
  public static SiteParts of(List<Plugin> plugins) {
    return new SiteParts(plugins, Services.installed(SiteParts.class, new Services.Loader() {
      @Override
      public <P> ServiceLoader<P> load(Class<P> type, ClassLoader loader) {
        return ServiceLoader.load(type, loader);
      }
    }));
  }

  /**
   * Returns the strategy of that name.
   *
   * @throws dev.muster.error.WorkflowException if there is none; lists those that there are
   * @throws dev.muster.error.MusterException if two found ones have the name, or one cannot be loaded
   */
  public Strategy strategy(String name) {
    return strategies.require(name);
  }

  /** Returns the strategy of that name, or null. */
  public @Nullable Strategy strategyOrNull(String name) {
    return strategies.get(name);
  }

  /** Returns the names of all strategies. */
  SortedSet<String> strategyNames() {
    return strategies.names();
  }

  /**
   * Returns the provider of workers' environments of that type.
   *
   * @throws dev.muster.error.WorkflowException if there is none; lists those that there are
   * @throws dev.muster.error.MusterException if two found ones have the type, or one cannot be loaded
   */
  EnvironmentProvider environment(String type) {
    return environments.require(type);
  }

  /**
   * Returns the provider of credentials of that kind.
   *
   * @throws dev.muster.error.WorkflowException if there is none; lists those that there are
   * @throws dev.muster.error.MusterException if two found ones have the kind, or one cannot be loaded
   */
  CredentialProvider credential(String kind) {
    return credentials.require(kind);
  }
}
