package dev.muster.dask;

import static dev.muster.dask.DaskSite.LIMIT;
import static dev.muster.dask.DaskSite.execution;
import static dev.muster.dask.DaskSite.two;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
  void schedulerAndWorkersListenOnThePortsThatAreNamed() throws Exception {
    int first = freePorts(3);
    Workflow workflow = site.workflow()
        .dataset(Dataset.of("data", "a", "b", "c", "d"))
        .stage("addresses")
        .build();
    Execution execution = DaskSite.execution()
        .config("scheduler_port", first)
        .pool(
            "default",
            pool ->
                pool.workers(1).slots(2).config("worker_ports", (first + 1) + ":" + (first + 2)))
        .build();
    RunResult result = site.run(workflow, execution);
    for (Object each : result.orThrow().stage("addresses").values()) {
      List<?> ports = (List<?>) each;
      assertThat(((Long) ports.get(0)).intValue()).isBetween(first + 1, first + 2);
      assertThat(ports.get(1)).isEqualTo((long) first);
    }
  }

  @Test
  void saysThatThePortOfTheSchedulerIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Execution execution = DaskSite.execution()
          .config("scheduler_port", taken.getLocalPort())
          .pool("default", pool -> pool.workers(1))
          .build();
      Workflow workflow = site.workflow().stage("addresses").build();
      assertThatExceptionOfType(MusterException.class)
          .isThrownBy(() -> site.run(workflow, execution))
          .withMessageContaining("cannot listen on port " + taken.getLocalPort())
          .withMessageContaining("execution.config.scheduler_port");
    }
  }

  @ParameterizedTest
  @CsvSource({"worker_ports,0:5", "worker_ports,9:8", "worker_ports,x", "scheduler_port,70000"})
  void refusesPortsThatAreNone(String key, String value) {
    Object given = key.equals("scheduler_port") ? (Object) Integer.valueOf(value) : value;
    Execution execution = DaskSite.execution()
        .config(key, given)
        .pool("default", pool -> pool.workers(1))
        .build();
    Workflow workflow = site.workflow().stage("addresses").build();
    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(() -> site.run(workflow, execution))
        .withMessageContaining(key + " must be a port");
  }

  /** Returns the first of several ports in a row that nobody listens on: below those that Linux gives away. */
  private static int freePorts(int count) throws IOException {
    for (int first = 22_000 + (int) (ProcessHandle.current().pid() % 10_000); ; first += count) {
      List<ServerSocket> open = new ArrayList<>();
      try {
        for (int i = 0; i < count; i++) {
          open.add(new ServerSocket(first + i, 1, InetAddress.getLoopbackAddress()));
        }
        return first;
      } catch (BindException e) {
        // the next ones
      } finally {
        for (ServerSocket each : open) {
          each.close();
        }
      }
    }
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
