package dev.muster.internal.discovery;

import dev.muster.error.MusterException;
import java.security.CodeSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Where providers are found. Thread-safe. */
public interface Services {
  /**
   * Returns a new instance of every provider.
   *
   * @throws MusterException if one cannot be made
   */
  <P> List<P> load(Class<P> type);

  /** Asks {@link ServiceLoader} in the name of a module, which has to use the type. */
  interface Loader {
    /** Returns {@code ServiceLoader.load(type, loader)}. */
    <P> ServiceLoader<P> load(Class<P> type, ClassLoader loader);
  }

  /**
   * Returns those that {@link ServiceLoader} finds for the calling thread's class loader and for this library's own.
   */
  static Services installed() {
    return installed(Services.class, new Loader() {
      @Override
      public <P> ServiceLoader<P> load(Class<P> type, ClassLoader loader) {
        return ServiceLoader.load(type, loader);
      }
    });
  }

  /**
   * Returns those that a module finds for the calling thread's class loader and for its own.
   *
   * @param own a class of the module
   * @param asks what the module asks
   */
  static Services installed(Class<?> own, Loader asks) {
    return new Services() {
      @Override
      public <P> List<P> load(Class<P> type) {
        Map<Class<?>, ServiceLoader.Provider<P>> providers = new LinkedHashMap<>();
        try {
          collect(type, Thread.currentThread().getContextClassLoader(), asks, providers);
          collect(type, own.getClassLoader(), asks, providers);
          return providers.values().stream().map(ServiceLoader.Provider::get).toList();
        } catch (ServiceConfigurationError e) {
          throw new MusterException(
              "an installed provider cannot be loaded: " + e.getMessage()
                  + "; repair or remove its jar",
              e);
        }
      }
    };
  }

  private static <P> void collect(
      Class<P> type,
      @Nullable ClassLoader loader,
      Loader asks,
      Map<Class<?>, ServiceLoader.Provider<P>> providers) {
    if (loader != null) {
      asks.load(type, loader).stream()
          .forEach(provider -> providers.putIfAbsent(provider.type(), provider));
    }
  }

  /** Returns a provider's class and the jar, folder or module that it comes from. */
  static String describe(Object provider) {
    Class<?> type = provider.getClass();
    CodeSource source = type.getProtectionDomain().getCodeSource();
    String place = source != null && source.getLocation() != null
        ? source.getLocation().toString()
        : type.getModule().isNamed() ? "module " + type.getModule().getName() : "unknown place";
    return type.getName() + " (" + place + ")";
  }
}
