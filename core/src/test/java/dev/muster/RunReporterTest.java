package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Execution;
import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.spi.RunReporter;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RunReporterTest {
  @TempDir
  private Path folder;

  /** Notes what it is called for, and does not survive it. */
  public static final class Dying implements RunReporter {
    @Override
    public void report(Plan plan, Path run) {
      try {
        boolean journal = Files.size(run.resolve("journal")) > 0;
        Files.writeString(
            run.resolve("reported"),
            plan.workflow().name() + ", journal " + journal + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      throw new StackOverflowError("a page with too many pages");
    }
  }

  /** Has the reporter as a jar beside the library has it: its classes are in no named module. */
  private static final class JarLoader extends URLClassLoader {
    JarLoader(URL... places) {
      super(places, JarLoader.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      return name.equals(Dying.class.getName()) ? findClass(name) : super.loadClass(name, resolve);
    }
  }

  private RunStatus run(boolean directory, Execution execution) throws Exception {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(RunReporter.class.getName()), Dying.class.getName());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    URL classes = getClass().getProtectionDomain().getCodeSource().getLocation();
    try (JarLoader loader = new JarLoader(folder.toUri().toURL(), classes)) {
      thread.setContextClassLoader(loader);
      Workflow workflow = Workflow.builder()
          .name("w")
          .stage("A", stage -> stage.op("a").run(context -> 1))
          .build();
      RunOptions.Builder options = RunOptions.builder();
      if (directory) {
        options.directory(folder.resolve("run"));
      }
      try (Run run = Muster.start(workflow, execution, options.build())) {
        RunResult result = run.await(Duration.ofSeconds(50));
        assertThat(result).as("the run ends").isNotNull();
        return result.status();
      }
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void isCalledAtTheEndAndChangesNothing() throws Exception {
    assertThat(run(true, Execution.local())).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(folder.resolve("run/reported")).hasContent("w, journal true");
  }

  @Test
  void isNotCalledForRunsWithoutADirectoryOrThatDoNotWantIt() throws Exception {
    assertThat(run(false, Execution.local())).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(run(true, Execution.local().toBuilder().report(false).build()))
        .isEqualTo(RunStatus.SUCCEEDED);
    assertThat(folder.resolve("run")).isDirectoryNotContaining("glob:reported");
  }
}
