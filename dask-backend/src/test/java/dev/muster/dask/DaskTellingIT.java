package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.RunJournal;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run on Dask tells: diagnostics of any size, and threads that say which run they are of. */
class DaskTellingIT {
  @TempDir
  Path base;

  private DaskSite site;
  private Workflow workflow;

  @BeforeEach
  void site() throws Exception {
    site = new DaskSite(base);
    Files.writeString(base.resolve("telling.py"), """
        def note(ctx):
            ctx.diagnostic("few", [1, b"2"])
            ctx.diagnostic("bytes", b"x" * 5000000)
            ctx.diagnostic("list", list(range(100000)))
            ctx.diagnostic("mapping", {"k%d" % i: i for i in range(100000)})
        """);
    workflow = site.workflow()
        .stage("Note", s -> s.op("python").param("callable", "telling:note"))
        .build();
  }

  @Test
  void boundsWhatTasksNote() throws Exception {
    RunResult result = site.run(workflow, DaskSite.two());
    Map<String, @Nullable Object> noted =
        result.orThrow().stage("Note").tasks().get(0).diagnostics();
    assertThat(noted).containsOnlyKeys("few", "bytes", "list", "mapping");
    assertThat(noted.get("few")).asString().startsWith("[1, [B@");
    assertThat((String) Objects.requireNonNull(noted.get("bytes")))
        .hasSizeLessThan(16_384)
        .startsWith("{\"$bytes\":\"eHh4")
        .endsWith("... (5000000 bytes)");
    assertThat((String) Objects.requireNonNull(noted.get("list")))
        .hasSizeLessThan(16_384)
        .startsWith("[0,1,2,")
        .endsWith("... (a list of 100000 items)");
    assertThat((String) Objects.requireNonNull(noted.get("mapping")))
        .hasSizeLessThan(16_384)
        .startsWith("{\"k0\":0,")
        .endsWith("... (a mapping of 100000 entries)");
    assertThat(Files.size(site.directory.resolve("journal"))).isLessThan(80_000);
    assertThat(RunJournal.read(site.directory))
        .filteredOn(RunEvent.TaskSucceeded.class::isInstance)
        .singleElement()
        .satisfies(
            event -> assertThat(((RunEvent.TaskSucceeded) event).diagnostics().get("few"))
                .isEqualTo(List.of(1L, Map.of("$bytes", "Mg=="))));
  }

  @Test
  void everyThreadOfTheBackendCarriesTheIdOfItsRun() throws Exception {
    try (Run run = site.start(workflow, DaskSite.two())) {
      assertThat(Thread.getAllStackTraces().keySet())
          .extracting(Thread::getName)
          .contains(
              "muster-dask-reader@" + run.id(),
              "muster-dask-writer@" + run.id(),
              "muster-dask-pools@" + run.id());
    }
  }
}
