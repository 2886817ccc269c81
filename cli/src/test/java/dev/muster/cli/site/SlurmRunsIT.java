package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on the Slurm of scripts/sites/slurm-up.sh. */
@Exclusive(Exclusive.SLURM)
class SlurmRunsIT extends SiteRuns {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir
  private Path folder;

  @Override
  Site site() {
    Commands.variable("SLURM_CONF", "slurm-up.sh");
    return new SlurmSite(folder);
  }

  @Test
  void aTaskThatTakesTooMuchMemoryGoesToTheLargerPool() throws Exception {
    pool("default", "1", "cpus: 1, memory: 400MB");
    pool("high_memory", "1", "cpus: 1, memory: 4GB");
    stage(
        "Grows",
        "grow",
        ", scope: global, params: {megabytes: 1000}, execution: {retry: {max: 1, escalate: high_memory}}");
    MusterProcess process = run();
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(process.output()).contains("ran out of memory");
    assertThat(records("Grows"))
        .singleElement()
        .asString()
        .contains("\"pool\": \"high_memory\"", "\"attempt\": 2");
  }

  @Test
  void commandsRunInContainersOnTheNodesAndEndWithTheRun(@TempDir Path home) throws Exception {
    Containers containers = Containers.in(home);
    Files.copy(home.resolve("busybox.tar"), folder.resolve("busybox.tar"));
    pool("default", "1", "cpus: 1", Map.of("container_runtime", containers.program()));
    String image = ", scope: global, environment: {image: ./busybox.tar}, params: {command: ";
    stage("Box", "shell", image + "'. /etc/os-release; echo \"$NAME\" > {base_dir}/name'}");
    stage("Long", "shell", image + "'echo x > {base_dir}/at-work; sleep 600'}");
    MusterProcess process = start("run");
    await().atMost(LIMIT).until(() -> Files.exists(folder.resolve("at-work")));
    assertThat(folder.resolve("name")).hasContent("Muster example image");
    assertThat(containers.containers()).hasSize(1);
    process.signal("INT");
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isEqualTo(130);
    containers.awaitNone();
  }

  /** As after a crash of the controller that lost its newest state, or with a machine that does not answer any more. */
  @Test
  void aWorkerThatIsGoneWhileItsJobIsSaidToRunIsReplaced() throws Exception {
    pool("default", "1", "cpus: 1");
    stage("Waits", "leave", ", scope: partition");
    MusterProcess process = start("run");
    awaitTask();
    List<String> worker = Commands.lines(List.of("pgrep", "-f", "muster_dask.worker " + base));
    List<String> daemons = daemons(worker);
    assertThat(daemons).hasSize(1);
    signal("-STOP", daemons);
    try {
      signal("-KILL", worker);
      process.awaitOutput("its job is said to run; it is cancelled", Duration.ofMinutes(2));
      Files.createFile(base.resolve("go"));
      process.awaitEnd(Duration.ofMinutes(1));
    } finally {
      signal("-CONT", daemons);
    }
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(records("Waits")).hasSize(6);
  }

  /** The tasks of these pools wait for one that runs elsewhere, so their workers have done nothing when they die. */
  @Test
  void poolsWhoseWorkersDieBeforeAnyWorkAreGivenUpAfterFewJobs() throws Exception {
    pool("default", "1", "cpus: 1");
    pool(
        "early",
        "1",
        "cpus: 1",
        Map.of("job_script_prologue", "[\"echo no such luck >&2; exit 3\"]"));
    String killed =
        "(until grep -qs 'is ready' /proc/$$/fd/2; do sleep 0.1; done; kill -KILL $$) &";
    pool(
        "flaky",
        "1",
        "cpus: 1",
        Map.of("job_script_prologue", "[\"" + killed + "\"]", "max_lost_workers", "2"));
    stage("Waits", "leave", ", scope: global");
    stage("Early", "where", ", scope: global, needs: [Waits], execution: {require: early}");
    stage("Flaky", "where", ", scope: global, needs: [Waits], execution: {require: flaky}");
    MusterProcess process = start("run", "--keep-going");
    awaitTask();
    process.awaitOutput("pool early has no workers: ", LIMIT);
    process.awaitOutput("pool flaky has no workers: ", LIMIT);
    Files.createFile(base.resolve("go"));
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isEqualTo(1);
    assertThat(process.output())
        .containsPattern(
            "pool early has no workers: job \\S+ of worker early-2 ended \\(exit code 3")
        .contains("no such luck")
        .containsPattern("pool flaky has no workers: 3 were lost one after the other and finished"
            + " no task in between, at last: worker flaky-2 \\(job \\S+\\) ended \\(exit code 137");
    assertThat(records("Waits")).hasSize(1);
    try (Stream<Path> logs =
        Files.list(base.resolve(".muster/runs/latest/debug/distributed/err"))) {
      assertThat(logs.map(log -> log.getFileName().toString().replaceAll("-.*", "")))
          .containsExactlyInAnyOrder(
              "default", "early", "early", "early", "flaky", "flaky", "flaky");
    }
  }

  /** Returns those of Slurm's processes that have started these: other Slurms here have jobs with the same numbers. */
  private static List<String> daemons(List<String> processes) throws IOException {
    List<String> found = new ArrayList<>();
    for (String process : processes) {
      Optional<ProcessHandle> handle = ProcessHandle.of(Long.parseLong(process));
      while (handle.isPresent()) {
        String pid = Long.toString(handle.get().pid());
        String command =
            Files.readString(Path.of("/proc", pid, "cmdline"), StandardCharsets.ISO_8859_1);
        if (command.startsWith("slurmstepd: ") && !found.contains(pid)) {
          found.add(pid);
        }
        handle = handle.get().parent();
      }
    }
    return found;
  }

  private static void signal(String signal, List<String> processes) throws Exception {
    List<String> command = new ArrayList<>(List.of("kill", signal));
    command.addAll(processes);
    Commands.lines(command);
  }
}
