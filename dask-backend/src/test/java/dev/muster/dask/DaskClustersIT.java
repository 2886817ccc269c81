package dev.muster.dask;

import static dev.muster.dask.DaskSite.LIMIT;
import static dev.muster.dask.DaskSite.execution;
import static dev.muster.dask.DaskSite.two;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the workers come from, and who can reach them. */
class DaskClustersIT {
  @TempDir
  Path base;

  private DaskSite site;

  @BeforeEach
  void makeSite() throws IOException {
    site = new DaskSite(base);
  }

  @Test
  void saysThatNoSchedulerIsThere() {
    Workflow workflow = site.workflow().stage("one").build();
    assertThatThrownBy(() -> site.start(
            workflow,
            execution()
                .config("address", "tcp://127.0.0.1:9")
                .pool("default", p -> p.workers(1))
                .build()))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("no Dask scheduler could be reached at tcp://127.0.0.1:9");
  }

  @Test
  void anAdaptivePoolGrowsWithTheWorkAndShrinksWithoutIt() throws Exception {
    Workflow workflow = site.workflow()
        .dataset(Dataset.of("data", "a", "b", "c", "d", "e", "f"))
        .stage("short", s -> s.op("sleep").param("seconds", 1).require("burst"))
        .stage("long", s -> s.op("sleep").param("seconds", 3))
        .build();
    RunResult result = site.run(
        workflow,
        execution()
            .config("idle_timeout", "1s")
            .pool("default", p -> p.workers(1))
            .pool("burst", p -> p.workers(0, 2))
            .build());
    assertThat(result.orThrow().stage("long").succeeded()).isEqualTo(6);
    assertThat(site.events(RunEvent.WorkerStarted.class))
        .filteredOn(event -> event.pool().equals("burst"))
        .hasSizeBetween(1, 2);
    assertThat(site.events(RunEvent.WorkerEnded.class))
        .anyMatch(event -> event.pool().equals("burst"));
    assertThat(site.events(RunEvent.TaskFailed.class)).isEmpty();
  }

  @Test
  void anAdaptivePoolComesBackForWhatWasLostAfterItHadGone() throws Exception {
    Workflow workflow = site.workflow()
        .stage("one", s -> s.require("burst"))
        .stage("sleep", s -> s.param("seconds", 5).needs("one"))
        .stage("die_once", s -> s.needs("one", "sleep"))
        .build();
    RunResult result = site.run(
        workflow,
        execution()
            .config("idle_timeout", "1s")
            .pool("default", p -> p.workers(1))
            .pool("burst", p -> p.workers(0, 1))
            .build());
    assertThat(result.orThrow().stage("die_once").succeeded()).isEqualTo(1);
    assertThat(site.events(RunEvent.WorkerStarted.class))
        .filteredOn(event -> event.pool().equals("burst"))
        .hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void keysAreForTheOwnerOnlyAndGoWithTheRun() throws Exception {
    Workflow workflow = site.workflow().stage("sleep").build();
    try (Run run = site.start(workflow, two())) {
      site.taskProcess();
      List<Path> keys;
      try (Stream<Path> files = Files.walk(site.directory)) {
        keys =
            files.filter(file -> file.getFileName().toString().endsWith(".pem")).toList();
      }
      assertThat(keys).hasSize(3);
      for (Path key : keys) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
            .isEqualTo("rw-------");
      }
      run.cancel();
      run.await(LIMIT);
      assertThat(keys).noneMatch(Files::exists);
    }
  }

  @Test
  void warnsWhereTlsIsOffAndTellsTheDashboardsAddress() throws Exception {
    Workflow workflow = site.workflow().stage("one").build();
    site.run(
        workflow,
        execution()
            .config("security", "none")
            .config("dashboard", true)
            .pool("default", p -> p.workers(1))
            .build());
    List<String> notices = site.events(RunEvent.Notice.class).stream()
        .map(RunEvent.Notice::message)
        .toList();
    assertThat(notices).anyMatch(notice -> notice.startsWith("TLS is off"));
    assertThat(notices).anyMatch(notice -> notice.contains("dashboard is at http://127.0.0.1:"));
  }
}
