package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.batch.Jobs;
import dev.muster.batch.PlannedJobs;
import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.execution.Staging;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerJobsTest {
  private static final Path RUN = Path.of("/runs/one");

  private static List<PlannedJobs> jobs(Execution.Builder execution) {
    Workflow workflow = Workflow.builder()
        .name("w")
        .baseDirectory(Path.of("/analysis"))
        .registry(new Registry(Map.of("one", "ops:one"), Map.of()))
        .stage("A")
        .op("one")
        .stage("B")
        .op("one")
        .require("gpu")
        .build();
    return Jobs.planned(
        Muster.plan(workflow, execution.backend("dask").build()),
        RunOptions.builder().directory(RUN).build());
  }

  private static Execution.Builder pools() {
    return Execution.builder()
        .config("python", "python3")
        .pool("default", pool -> pool.workers(3).cpus(2))
        .pool("gpu", pool -> pool.workers(0, 4).gpus(1).config("python", "/opt/gpu/bin/python"));
  }

  @Test
  void aPoolIsOneSubmission() {
    List<PlannedJobs> jobs = jobs(pools());
    assertThat(jobs).extracting(PlannedJobs::pool).containsExactly("default", "gpu");
    assertThat(jobs).extracting(PlannedJobs::copies).containsExactly(3, 0);
    assertThat(jobs.get(0).job().command())
        .containsExactly(
            "python3",
            "-c",
            "import sys; sys.path[0] = sys.argv.pop(1); import muster_start",
            "/runs/one/debug/distributed/dask/python",
            "muster_dask.worker",
            "/runs/one/debug/distributed/dask/worker-0.json");
    assertThat(jobs.get(1).job().command().get(0)).isEqualTo("/opt/gpu/bin/python");
    assertThat(jobs.get(0).job().environment()).containsEntry("MUSTER_WORKER_FIRST", "0");
    assertThat(jobs.get(0).job().logs()).isEqualTo(RUN.resolve("debug/distributed"));
  }

  @Test
  void thePoolsOptionsWinOverTheExecutions() {
    List<PlannedJobs> jobs = jobs(pools()
        .config("python", "/usr/bin/python3")
        .config("worker_extra_args", List.of("--memory-limit", "1GB"))
        .config("log_directory", "joblogs"));
    assertThat(jobs.get(0).job().command())
        .startsWith("/usr/bin/python3")
        .endsWith("--memory-limit", "1GB");
    assertThat(jobs.get(1).job().command()).startsWith("/opt/gpu/bin/python");
    assertThat(jobs.get(0).job().logs()).isEqualTo(Path.of("/analysis/joblogs"));
  }

  @Test
  void anExistingClusterNeedsNoJobs() {
    assertThat(jobs(pools().config("address", "tls://host:8786"))).isEmpty();
  }

  @Test
  void anOptionThatNobodyKnowsIsAnError() {
    assertThatThrownBy(() -> jobs(Execution.builder()
            .pool("default", pool -> pool.workers(1))
            .pool("gpu", pool -> pool.workers(1).config("wall_time", "1h"))
            .config("pythn", "python3")))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("execution.pools.gpu.config.wall_time")
        .hasMessageContaining("option 'wall_time' is not known to backend dask with strategy local")
        .hasMessageContaining("execution.config.pythn")
        .hasMessageContaining("did you mean 'python'?");
  }

  @ParameterizedTest
  @CsvSource({
    "max_queued, 0, a whole number",
    "max_queued, many, a whole number",
    "worker_extra_args, text, a list",
    "lifetime, soon, a time",
  })
  void aWrongValueIsAnErrorThatNamesTheOption(String option, String value, String wanted) {
    assertThatThrownBy(() -> jobs(pools().config(option, value)))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining(option)
        .hasMessageContaining(wanted);
  }

  @ParameterizedTest
  @CsvSource({"00:10:00, 420", "00:02:00, 60", "10:00:00, 35820"})
  void aWorkerEndsALittleBeforeItsWalltime(String walltime, long seconds) {
    Execution execution = Execution.builder()
        .backend("dask")
        .pool("default", pool -> pool.workers(1).config("walltime", walltime))
        .build();
    Workflow workflow = Workflow.builder()
        .name("w")
        .registry(new Registry(Map.of("one", "ops:one"), Map.of()))
        .stage("A")
        .op("one")
        .build();
    FixedContext context = new FixedContext(Muster.plan(workflow, execution), RUN);
    assertThat(PoolConfig.of(context, context.pools().get(0)).lifetime())
        .isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void credentialsArePathsAndNeedNotBeThere() {
    List<PlannedJobs> jobs = jobs(pools().credentials("x509", "scitokens"));
    assertThat(jobs)
        .allSatisfy(planned -> assertThat(planned.job().environment())
            .containsEntry("X509_USER_PROXY", "/runs/one/debug/credentials/x509")
            .containsEntry("BEARER_TOKEN_FILE", "/runs/one/debug/credentials/scitokens")
            .doesNotContainKey("BEARER_TOKEN"));
    assertThat(jobs.get(0).job().setup()).containsExactly("unset BEARER_TOKEN");
  }

  @Test
  void anUnknownKindOfCredentialIsRefusedWithAHint() {
    assertThatThrownBy(() -> jobs(pools().credentials("x590")))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("there is no credential named 'x590'")
        .hasMessageContaining("did you mean 'x509'?");
  }

  @Test
  void whereFilesAreSentNothingNamesAFolderOfThisHost(@TempDir Path base) throws Exception {
    Files.writeString(base.resolve("ops.py"), "x = 1\n");
    Workflow workflow = Workflow.builder()
        .name("w")
        .baseDirectory(base)
        .registry(new Registry(Map.of("one", "ops:one"), Map.of()))
        .stage("A")
        .op("one")
        .build();
    Execution execution = Execution.builder()
        .backend("dask")
        .staging(Staging.TRANSFER)
        .credentials("x509")
        .config("python", "python3")
        .pool("default", pool -> pool.workers(1))
        .build();
    PlannedJobs planned = Jobs.planned(
            Muster.plan(workflow, execution),
            RunOptions.builder().directory(RUN).build())
        .get(0);
    assertThat(planned.job().staging()).isEqualTo(Staging.TRANSFER);
    assertThat(planned.job().command())
        .containsExactly(
            "python3",
            "-c",
            "import sys; sys.path[0] = sys.argv.pop(1); import muster_start",
            "muster_python.zip",
            "muster_dask.worker",
            "worker-0.json");
    assertThat(planned.job().files())
        .containsExactly(
            RUN.resolve("debug/distributed/dask/muster_python.zip"),
            RUN.resolve("debug/distributed/dask/muster_code.zip"),
            RUN.resolve("debug/distributed/dask/worker-0.json"),
            RUN.resolve("debug/credentials/x509"));
    assertThat(planned.job().environment()).doesNotContainKey("PYTHONPATH");
    assertThat(planned.job().setup())
        .startsWith(
            "chmod 600 \"$MUSTER_FILES\"/x509 && export X509_USER_PROXY=\"$MUSTER_FILES\"/x509")
        .anySatisfy(line ->
            assertThat(line).startsWith("export PYTHONPATH=\"$MUSTER_FILES\"/muster_python.zip"));
    assertThat(planned.sent())
        .containsExactly(
            Map.entry("muster_python.zip", -1L),
            Map.entry("code: ops.py", 6L),
            Map.entry("worker-0.json", -1L),
            Map.entry("x509", -1L));
  }
}
