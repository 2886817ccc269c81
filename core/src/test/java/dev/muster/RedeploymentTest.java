package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.workflow.Registry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An application that is deployed again and again in one JVM: nothing of a closed run keeps its classes. */
class RedeploymentTest {
  private static final int DEPLOYMENTS = 20;

  @TempDir
  Path directory;

  /** What is deployed: a run with stages of all kinds. It is loaded anew each time. */
  public static final class Application implements Callable<Object> {
    /** Called by name. */
    public Application() {}

    @Override
    public Object call() throws Exception {
      Path base = Path.of(System.getProperty("muster.test.base"));
      Workflow workflow = Workflow.builder()
          .baseDirectory(base)
          .dataset(RunFixture.data("data", 2))
          .stage("Java")
          .run(context -> context.partition().index())
          .stage(
              "Shell",
              s -> s.op("shell")
                  .param("command", "sleep 300 & printf done")
                  .param("capture", "text"))
          .stage("Last", s -> {
            s.scope(Scope.GLOBAL).timeout(Duration.ofMinutes(1));
            if (Boolean.getBoolean("muster.test.python")) {
              s.op("own.make");
            } else {
              s.run(context -> 7L);
            }
          })
          .registry(new Registry(Map.of("own.make", "own:make"), Map.of()))
          .build();
      List<Object> events = new ArrayList<>();
      Path runs = Files.createTempDirectory(base, "run");
      RunOptions options = RunOptions.builder()
          .directory(runs.resolve("r"))
          .listener(events::add)
          .build();
      return Muster.run(workflow, RunFixture.workers(2), options)
          .orThrow()
          .stage("Last")
          .value();
    }
  }

  @Test
  @Timeout(180)
  void leavesNothingOfAClosedRunInTheJvm() throws Exception {
    Files.writeString(directory.resolve("own.py"), "def make(ctx, **inputs):\n    return 7\n");
    System.setProperty("muster.test.base", directory.toString());
    List<String> threads = RunFixture.threads();
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int i = 0; i < DEPLOYMENTS; i++) {
      System.setProperty("muster.test.python", Boolean.toString(i % 5 == 0));
      loaders.add(deploy());
    }
    // The JDK remembers the type that records compared last by a soft reference: of one more, which
    // does not count.
    assertThat(deploy()).isNotNull();
    await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
      System.gc();
      assertThat(loaders.stream().filter(loader -> loader.get() != null)).isEmpty();
    });
    assertThat(RunFixture.threads()).isEqualTo(threads);
    assertThat(ProcessHandle.current().children().map(ProcessHandle::info))
        .noneMatch(info -> info.toString().contains("muster-reaper"));
  }

  private static WeakReference<ClassLoader> deploy() throws Exception {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(classPath(), new OnlyTheJdk())) {
      Thread.currentThread().setContextClassLoader(loader);
      Object application =
          loader.loadClass(Application.class.getName()).getDeclaredConstructor().newInstance();
      assertThat(application.getClass()).isNotEqualTo(Application.class);
      assertThat(((Callable<?>) application).call()).isEqualTo(7L);
      return new WeakReference<>(loader);
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  /** Finds classes of the JDK only: that of the platform finds those of the application's modules too. */
  private static final class OnlyTheJdk extends ClassLoader {
    private final ClassLoader platform = ClassLoader.getPlatformClassLoader();

    OnlyTheJdk() {
      super(null);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      Class<?> found = platform.loadClass(name);
      if (found.getClassLoader() == null || found.getClassLoader() == platform) {
        return found;
      }
      throw new ClassNotFoundException(name);
    }
  }

  private static URL[] classPath() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    urls.add(Path.of("target/test-classes").toUri().toURL());
    urls.add(Path.of("target/classes").toUri().toURL());
    for (String property : List.of("java.class.path", "jdk.module.path")) {
      for (String each :
          Stream.of(System.getProperty(property, "").split(File.pathSeparator)).toList()) {
        if (!each.isEmpty() && !each.matches(".*(logback|mockito|byte-buddy|junit|assertj).*")) {
          urls.add(Path.of(each).toUri().toURL());
        }
      }
    }
    return urls.toArray(URL[]::new);
  }
}
