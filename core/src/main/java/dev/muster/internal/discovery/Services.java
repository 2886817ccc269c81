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
interface Services {
  /**
   * Returns a new instance of every provider.
   *
   * @throws MusterException if one cannot be made
   */
  <P> List<P> load(Class<P> type);

  /** Returns those that {@link ServiceLoader} finds for the calling thread's class loader and for this library's own. */
  static Services installed() {
    return new Services() {
      @Override
      public <P> List<P> load(Class<P> type) {
        Map<Class<?>, ServiceLoader.Provider<P>> providers = new LinkedHashMap<>();
        try {
          collect(type, Thread.currentThread().getContextClassLoader(), providers);
          collect(type, Services.class.getClassLoader(), providers);
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
      Map<Class<?>, ServiceLoader.Provider<P>> providers) {
    if (loader != null) {
      ServiceLoader.load(type, loader).stream()
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
