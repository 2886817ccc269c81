package dev.muster;

import static dev.muster.RunFixture.PATIENCE;
import static dev.muster.RunFixture.end;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ThreadNamesTest {
  @TempDir
  Path folder;

  private static List<String> names(Set<Thread> before) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !before.contains(thread))
        .map(Thread::getName)
        .filter(name -> name.startsWith("muster-"))
        .toList();
  }

  @Test
  void everyThreadOfARunCarriesItsId() throws IOException {
    Files.writeString(folder.resolve("waits.py"), """
        import os, time
        def f():
            open("started", "w").close()
            end = time.monotonic() + 60
            while not os.path.exists("go") and time.monotonic() < end:
                time.sleep(0.02)
        """);
    CountDownLatch go = new CountDownLatch(1);
    Workflow workflow = Workflow.builder()
        .baseDirectory(folder)
        .stage("Python")
        .needs()
        .op("python")
        .param("callable", "waits:f")
        .stage("Java")
        .needs()
        .run(context -> go.await(60, TimeUnit.SECONDS))
        .build();
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    Execution two = Execution.builder().pool("default", pool -> pool.workers(2)).build();
    RunOptions options = RunOptions.builder()
        .directory(folder.resolve("run"))
        .listener(event -> assertThat(event.run()).isNotEmpty())
        .build();
    try (Run run = Muster.start(workflow, two, options)) {
      await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("started")));
      await().atMost(PATIENCE).until(() -> names(before).size() >= 6);
      assertThat(names(before))
          .allSatisfy(name -> assertThat(name).matches("muster-[^@]+@(" + run.id() + "|all-runs)"))
          .anySatisfy(name -> assertThat(name).startsWith("muster-python-"))
          .anySatisfy(name -> assertThat(name).startsWith("muster-end-"))
          .anySatisfy(name -> assertThat(name).startsWith("muster-control@"))
          .anySatisfy(name -> assertThat(name).startsWith("muster-events@"))
          .anySatisfy(name -> assertThat(name).startsWith("muster-default-0@"));
      Files.createFile(folder.resolve("go"));
      go.countDown();
      assertThat(end(run).succeeded()).isTrue();
    }
  }
}
