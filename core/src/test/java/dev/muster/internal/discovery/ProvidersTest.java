package dev.muster.internal.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;
import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.spi.Infrastructure;
import dev.muster.spi.ModifierProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.spi.Site;
import dev.muster.spi.SiteContext;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.ModifierHooks;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvidersTest {
  private record Named(String name, String origin) implements Backend {
    @Override
    public BackendSession open(BackendContext context) {
      throw new UnsupportedOperationException();
    }
  }

  private record Workers(String origin) implements Infrastructure {
    @Override
    public Site site(SiteContext context) {
      throw new UnsupportedOperationException();
    }
  }

  /** Modifiers that a test installs. */
  public static final class Installed implements ModifierProvider {
    @Override
    public Set<String> names() {
      return Set.of("installed");
    }

    @Override
    public ModifierHooks create(Modifier modifier, OperationSetup setup) {
      throw new UnsupportedOperationException();
    }
  }

  /** Has the installed modifiers as its own class, as a loader of the application's jars has. */
  private static final class JarLoader extends URLClassLoader {
    JarLoader(URL... urls) {
      super(urls, ProvidersTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        if (loaded != null) {
          return loaded;
        }
      }
      return name.equals(Installed.class.getName())
          ? findClass(name)
          : super.loadClass(name, resolve);
    }
  }

  private final AtomicInteger loads = new AtomicInteger();

  private Providers providers(List<Backend> given, List<Backend> builtIn, Backend... found) {
    Services services = new Services() {
      @Override
      public <P> List<P> load(Class<P> type) {
        loads.incrementAndGet();
        return type == Backend.class ? List.of(found).stream().map(type::cast).toList() : List.of();
      }
    };
    return new Providers(given, List.of(), List.of(), List.of(), builtIn, services);
  }

  @Test
  void prefersGivenThenBuiltInThenFound() {
    Providers providers = providers(
        List.of(new Named("a", "given")),
        List.of(new Named("a", "built in"), new Named("b", "built in")),
        new Named("a", "found"),
        new Named("b", "found"),
        new Named("c", "found"));
    assertThat(providers.backend("a")).isEqualTo(new Named("a", "given"));
    assertThat(providers.backend("b")).isEqualTo(new Named("b", "built in"));
    assertThat(loads).hasValue(0);
    assertThat(providers.backend("c")).isEqualTo(new Named("c", "found"));
    assertThat(providers.backend("c")).isEqualTo(new Named("c", "found"));
    assertThat(loads).hasValue(1);
  }

  @Test
  void listsThoseThatThereAre() {
    Providers providers =
        providers(List.of(), List.of(new Named("local", "built in")), new Named("dask", "found"));
    assertThatThrownBy(() -> providers.backend("dusk"))
        .isInstanceOf(WorkflowException.class)
        .hasMessage("execution.backend: there is no backend named 'dusk'; did you mean 'dask'?"
            + " known: dask, local");
  }

  @Test
  void namesBothPlacesOfTwoFoundProviders() {
    Providers providers =
        providers(List.of(), List.of(), new Named("dask", "one"), new Named("dask", "two"));
    assertThatThrownBy(() -> providers.backend("dask"))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("two backends are named 'dask'")
        .hasMessageContaining(Named.class.getName())
        .hasMessageContaining("test-classes")
        .hasMessageContaining(" and ");
  }

  @Test
  void aGivenProviderSettlesTwoFoundOnes() {
    Providers providers = providers(
        List.of(new Named("dask", "given")),
        List.of(),
        new Named("dask", "one"),
        new Named("dask", "two"));
    assertThat(providers.backend("dask")).isEqualTo(new Named("dask", "given"));
  }

  @Test
  void rejectsTwoGivenProvidersOfOneName() {
    assertThatThrownBy(
            () -> providers(List.of(new Named("a", "one"), new Named("a", "two")), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two backends named 'a'");
  }

  @Test
  void namesTheArtifactOfABackendThatIsNotThere() {
    assertThatThrownBy(() -> providers(List.of(), List.of()).backend("dask"))
        .hasMessageContaining("there is no backend named 'dask'")
        .hasMessageContaining("'dask' is in the artifact dev.muster:muster-dask");
  }

  @Test
  void hasOneInfrastructure() {
    Services none = services();
    assertThat(infrastructure(none)).isInstanceOf(NoInfrastructure.class);
    assertThat(infrastructure(services(new Workers("one")))).isEqualTo(new Workers("one"));
    assertThatThrownBy(() -> infrastructure(services(new Workers("one"), new Workers("two"))))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("there are two infrastructures: ")
        .hasMessageContaining(Workers.class.getName());
  }

  private static Infrastructure infrastructure(Services services) {
    return new Providers(List.of(), List.of(), List.of(), List.of(), List.of(), services)
        .infrastructure();
  }

  private static Services services(Infrastructure... found) {
    return new Services() {
      @Override
      public <P> List<P> load(Class<P> type) {
        return type == Infrastructure.class
            ? List.of(found).stream().map(type::cast).toList()
            : List.of();
      }
    };
  }

  @Test
  void findsInstalledProvidersThroughTheContextClassLoader(@TempDir Path directory)
      throws Exception {
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.writeString(
        services.resolve(ModifierProvider.class.getName()), Installed.class.getName());
    Files.writeString(services.resolve(Backend.class.getName()), "no.such.Backend");
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    URL classes = ProvidersTest.class.getProtectionDomain().getCodeSource().getLocation();
    try (var loader = new JarLoader(directory.toUri().toURL(), classes)) {
      Thread.currentThread().setContextClassLoader(loader);
      Providers providers = Providers.of(List.of(), List.of(), List.of(), List.of(), List.of());
      assertThat(providers.foundModifier("installed").getClass().getName())
          .isEqualTo(Installed.class.getName());
      assertThatThrownBy(() -> providers.backend("x"))
          .isInstanceOf(MusterException.class)
          .hasMessageContaining("no.such.Backend")
          .hasMessageContaining("repair or remove its jar");
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }
}
