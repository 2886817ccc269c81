package dev.muster.dask;

import static dev.muster.dask.DaskSite.LIMIT;
import static dev.muster.dask.DaskSite.execution;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunStatus;
import dev.muster.run.TaskFailure;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A scheduler and workers that somebody else has started. */
class DaskExistingClusterIT {
  @TempDir
  Path base;

  private DaskSite site;

  @BeforeEach
  void makeSite() throws IOException {
    site = new DaskSite(base);
  }

  private static Execution.Builder on(String address, int workers) {
    return execution().config("address", address).pool("default", p -> p.workers(workers));
  }

  private static Workflow twoStages(DaskSite site) {
    return site.workflow()
        .dataset(Dataset.of("data", "a", "b", "c"))
        .stage("one")
        .stage("add")
        .build();
  }

  @Test
  void usesAnExistingClusterAndLeavesItAsItWas() throws Exception {
    try (TheirCluster theirs = new TheirCluster(base, List.of())) {
      theirs.worker("theirs");
      for (DaskSite each : List.of(site, new DaskSite(Files.createDirectory(base.resolve("2"))))) {
        RunResult result = each.run(twoStages(each), on(theirs.address(), 1).build());
        assertThat(result.orThrow().stage("add").tasks())
            .allMatch(task -> task.value().equals(2L))
            .allMatch(task -> task.worker().equals("theirs"));
      }
      assertThat(theirs.alive()).isTrue();
    }
  }

  @Test
  void reachesAClusterOverTls() throws Exception {
    Path files = TheirCluster.certificates(base);
    String ca = files.resolve("ca.pem").toString();
    String cert = files.resolve("cert.pem").toString();
    String key = files.resolve("key.pem").toString();
    List<String> security =
        List.of("--protocol", "tls", "--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key);
    try (TheirCluster theirs = new TheirCluster(base, security)) {
      theirs.worker("theirs");
      String address = theirs.address();
      assertThat(address).startsWith("tls://");
      RunResult result = site.run(
          twoStages(site),
          on(address, 1)
              .config("tls", Map.of("ca", ca, "cert", cert, "key", key))
              .build());
      assertThat(result.orThrow().stage("add").tasks())
          .allMatch(task -> task.value().equals(2L))
          .allMatch(task -> task.worker().equals("theirs"));
      DaskSite other = new DaskSite(Files.createDirectory(base.resolve("2")));
      assertThatThrownBy(() -> other.start(twoStages(other), on(address, 1).build()))
          .isInstanceOf(MusterException.class)
          .hasMessageContaining("no Dask scheduler could be reached at " + address);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"theirs", "default-0"})
  void anOutputThatIsLostAgainAndAgainIsNotMadeForEver(String name) throws Exception {
    Workflow workflow = site.workflow()
        .stage("end_later")
        .stage("sleep", s -> s.needs().require("second").param("seconds", 1000))
        .stage("total", s -> s.needs("end_later", "sleep").require("second"))
        .build();
    try (TheirCluster theirs = new TheirCluster(base, List.of())) {
      theirs.worker(name, "default", "--nanny");
      theirs.worker("other", "second", "--no-nanny");
      Execution execution =
          on(theirs.address(), 1).pool("second", p -> p.workers(1)).build();
      RunResult result = site.run(workflow, execution);
      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(result.stage("end_later").tasks().get(0).attempts()).isEqualTo(1);
      assertThat(site.events(RunEvent.TaskFailed.class))
          .filteredOn(event -> event.name().equals("total"))
          .hasSize(3)
          .allMatch(event -> event.kind() == FailureKind.WORKER_LOST);
      TaskFailure failure = result.stage("total").tasks().get(0).failure();
      assertThat(failure).isNotNull();
      assertThat(failure.message())
          .isEqualTo("the output of end_later that it reads was lost 3 times, each time with its"
              + " worker, at last with " + name);
    }
  }

  @Test
  void aWorkerOfTheirsThatDiesLosesNoTask() throws Exception {
    Workflow workflow = site.workflow()
        .dataset(Dataset.of("data", "a", "b", "c", "d"))
        .stage("sleep", s -> s.param("seconds", 2))
        .stage("add")
        .build();
    try (TheirCluster theirs = new TheirCluster(base, List.of())) {
      theirs.worker("first");
      theirs.worker("second");
      RunResult result;
      try (Run run = site.start(workflow, on(theirs.address(), 2).build())) {
        DaskSite.kill(site.taskProcess());
        result = run.await(LIMIT);
      }
      assertThat(result).as("the run ended in time").isNotNull();
      assertThat(result.orThrow().stage("add").tasks())
          .hasSize(4)
          .allMatch(task -> task.value().equals(2L));
      assertThat(site.events(RunEvent.TaskFailed.class))
          .as("the loss costs no attempt of the user's")
          .allMatch(event -> event.kind() == FailureKind.WORKER_LOST);
      assertThat(theirs.processes.get(0).isAlive()).isTrue();
    }
  }
}
