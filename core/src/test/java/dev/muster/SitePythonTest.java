package dev.muster;

import static dev.muster.RunFixture.end;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Python processes serve one run after another, as long as they have the code that the run would load. */
@Timeout(120)
class SitePythonTest {
  @TempDir
  Path base;

  private int written;

  /** Writes a module as if that had been a while ago: what is written just now may change again. */
  private void module(String name, String source) throws IOException {
    Path file = base.resolve(name + ".py");
    Files.writeString(file, source);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(600 - ++written)));
  }

  private Workflow calls(Map<String, String> variables) {
    Stage.Builder stage = Stage.builder("Call").op("python").param("callable", "user:f");
    return Workflow.builder()
        .baseDirectory(base)
        .stage(stage
            .environment(environment -> variables.forEach(environment::variable))
            .build())
        .build();
  }

  private static Object value(Site site, Workflow workflow, RunOptions options) {
    try (Run run = site.start(workflow, options)) {
      return end(run).orThrow().stage("Call").value();
    }
  }

  private static Object value(Site site, Workflow workflow) {
    return value(site, workflow, RunOptions.defaults());
  }

  private static boolean alive(Object pid) {
    return ProcessHandle.of(((Number) pid).longValue())
        .map(ProcessHandle::isAlive)
        .orElse(false);
  }

  @Test
  void aProcessServesOneRunAfterAnother() throws IOException {
    module("user", "import os\ndef f(ctx, **params):\n    return os.getpid()\n");
    Object first;
    try (Site site = Muster.open(workers(1))) {
      first = value(site, calls(Map.of()));
      for (int i = 0; i < 5; i++) {
        assertThat(value(site, calls(Map.of()))).isEqualTo(first);
      }
      assertThat(value(site, calls(Map.of("MODE", "other")))).isNotEqualTo(first);
    }
    assertThat(alive(first)).isFalse();
    assertThat(RunFixture.threads()).isEmpty();
  }

  @Test
  void codeThatHasChangedIsLoadedAnew() throws IOException {
    module("part", "VALUE = 1\n");
    module("user", "import part\ndef f(ctx, **params):\n    return part.VALUE\n");
    try (Site site = Muster.open(workers(1))) {
      assertThat(value(site, calls(Map.of()))).isEqualTo(1L);
      module("part", "VALUE = 2\n");
      assertThat(value(site, calls(Map.of()))).isEqualTo(2L);
    }
  }

  @Test
  void codeThatWasMendedAfterAFailureIsLoadedAnew() throws IOException {
    module("part", "VALUE = 1\ndef get():\n    raise ValueError('wrong')\n");
    module("user", "def f(ctx, **params):\n    import part\n    return part.get()\n");
    try (Site site = Muster.open(workers(1))) {
      try (Run run = site.start(calls(Map.of()), RunOptions.defaults())) {
        RunResult failed = end(run);
        assertThat(failed.failures().get(0).failure().message()).contains("wrong");
      }
      module("part", "VALUE = 1\ndef get():\n    return 'mended'\n");
      assertThat(value(site, calls(Map.of()))).isEqualTo("mended");
    }
  }

  @Test
  void whatIsPrintedGoesToTheRunThatPrintsIt() throws IOException {
    module(
        "user",
        "import os\ndef f(ctx, **params):\n    print('run', ctx.output_dir)\n    return os.getpid()\n");
    try (Site site = Muster.open(workers(1))) {
      Object pid = null;
      for (int i = 0; i < 3; i++) {
        Path directory = base.resolve("run" + i);
        Object now = value(
            site, calls(Map.of()), RunOptions.builder().directory(directory).build());
        assertThat(now).isEqualTo(pid == null ? now : pid);
        pid = now;
        try (Stream<Path> all = Files.walk(directory)) {
          List<Path> files = all.filter(Files::isRegularFile).toList();
          assertThat(files)
              .filteredOn(file -> file.getFileName().toString().equals("stdout"))
              .singleElement()
              .satisfies(file -> assertThat(file).content().contains(directory.toString()));
          assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith(".python"));
        }
      }
    }
  }

  @Test
  void runsAtATimeHaveNoMoreProcessesThanAreNeededAtOnce() throws IOException {
    module("user", "import os\ndef f(ctx, **params):\n    return os.getpid()\n");
    try (Site site = Muster.open(workers(2))) {
      List<Run> runs =
          Stream.generate(() -> site.start(calls(Map.of()))).limit(20).toList();
      List<Object> pids =
          runs.stream().map(run -> end(run).orThrow().stage("Call").value()).toList();
      runs.forEach(Run::close);
      assertThat(pids.stream().distinct().filter(SitePythonTest::alive).count()).isBetween(1L, 2L);
    }
  }
}
