package dev.muster.internal.discovery;

import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The providers of one kind: given as instances, built in, and found. Those found are looked for when a name is neither
 * given nor built in. Thread-safe.
 */
public final class Catalog<P> {
  private static final Logger log = LoggerFactory.getLogger(Catalog.class);

  private final String kind;
  private final Class<P> type;
  private final Function<P, ? extends Collection<String>> namesOf;
  private final Map<String, P> given;
  private final Map<String, P> builtIn;
  private final Services services;
  private @Nullable Map<String, List<P>> found;

  /**
   * @param kind what it holds, for people, for example {@code strategy}
   * @param type the type of its providers
   * @param namesOf returns the names of a provider
   * @param given those given as instances
   * @param builtIn those that need not be found
   * @param services where others are found
   * @throws IllegalArgumentException if two given instances have one name
   */
  public Catalog(
      String kind,
      Class<P> type,
      Function<P, ? extends Collection<String>> namesOf,
      List<P> given,
      List<P> builtIn,
      Services services) {
    this.kind = kind;
    this.type = type;
    this.namesOf = namesOf;
    this.given = byName(given);
    this.builtIn = byName(builtIn);
    this.services = services;
  }

  private String plural() {
    return kind.endsWith("y") ? kind.substring(0, kind.length() - 1) + "ies" : kind + "s";
  }

  private Map<String, P> byName(List<P> providers) {
    Map<String, P> byName = new LinkedHashMap<>();
    for (P provider : providers) {
      for (String name : namesOf.apply(provider)) {
        P other = byName.putIfAbsent(name, provider);
        if (other != null && other != provider) {
          throw new IllegalArgumentException(
              "two " + plural() + " named '" + name + "' were given: "
                  + other.getClass().getName() + " and " + provider.getClass().getName());
        }
      }
    }
    return byName;
  }

  /** Returns the provider that was given as an instance, or null. */
  public @Nullable P given(String name) {
    return given.get(name);
  }

  /**
   * Returns the provider of that name: given, else built in, else found; or null.
   *
   * @throws MusterException if two found providers have the name
   */
  public @Nullable P get(String name) {
    P provider = given.get(name);
    if (provider == null) {
      provider = builtIn.get(name);
    }
    return provider == null ? found(name) : provider;
  }

  /**
   * Returns the provider of that name: given, else built in, else found.
   *
   * @throws WorkflowException if there is none; lists those that there are
   * @throws MusterException if two found providers have the name, or one cannot be loaded
   */
  public P require(String name) {
    P provider = get(name);
    if (provider == null) {
      throw new WorkflowException(List.of(new Problem(
          null,
          "execution." + (kind.equals("credential") ? "credentials" : kind),
          "there is no " + kind + " named '" + name + "'",
          Artifacts.suggest(kind, name, names()))));
    }
    return provider;
  }

  /**
   * Returns the provider that was found, or null.
   *
   * @throws MusterException if there are two
   */
  public @Nullable P found(String name) {
    List<P> providers = found().getOrDefault(name, List.of());
    if (providers.size() > 1) {
      throw new MusterException("two " + plural() + " are named '" + name + "': "
          + providers.stream().map(Services::describe).collect(Collectors.joining(" and "))
          + "; remove one of them, or give the one you want as an instance");
    }
    return providers.isEmpty() ? null : providers.get(0);
  }

  /** Returns all names. */
  public SortedSet<String> names() {
    SortedSet<String> names = new TreeSet<>(given.keySet());
    names.addAll(builtIn.keySet());
    names.addAll(found().keySet());
    return names;
  }

  private synchronized Map<String, List<P>> found() {
    if (found == null) {
      Map<String, List<P>> byName = new LinkedHashMap<>();
      for (P provider : services.load(type)) {
        Collection<String> names = namesOf.apply(provider);
        log.debug("found {} {}: {}", kind, names, Services.describe(provider));
        for (String name : names) {
          if (builtIn.containsKey(name)) {
            log.warn(
                "{} '{}' of {} is not used: there is a built-in one of that name",
                kind,
                name,
                Services.describe(provider));
          }
          byName.computeIfAbsent(name, key -> new ArrayList<>(1)).add(provider);
        }
      }
      found = byName;
    }
    return found;
  }
}
