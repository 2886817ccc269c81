package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.RunJournal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The three pools of the dimuon example on the Grid Engine of scripts/sites/gridengine-up.sh, by Dask and by jobs. */
@Exclusive(Exclusive.GRID_ENGINE)
@Timeout(300)
class GridEngineRunsIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Path EXAMPLES = Path.of("../examples/workflows");

  @TempDir
  private Path folder;

  @AfterEach
  void nothingIsLeft() {
    await()
        .atMost(LIMIT)
        .until(() ->
            Commands.lines(List.of("qstat")).stream().noneMatch(line -> line.contains("muster.")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"dimuon-dask.yaml", "dimuon-jobs.yaml"})
  void thePoolsOfTheExampleAreQueues(String example) throws Exception {
    Path site = Path.of(Commands.variable("MUSTER_GRIDENGINE", "gridengine-up.sh"), "site.yaml");
    Files.copy(EXAMPLES.resolve(example), folder.resolve("site.yaml"));
    Files.copy(EXAMPLES.resolve("dimuon_ops.py"), folder.resolve("dimuon_ops.py"));
    Map<String, String> variables = Map.of("MUSTER_SITE", site.toString());
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String[] options = {"--strategy", "gridengine"};

    MusterProcess plan =
        MusterProcess.start(variables, java, folder, "plan", "--strategy", "gridengine", "--jobs");
    plan.awaitEnd(LIMIT);
    assertThat(plan.output())
        .contains("#$ -q all.q\n", "#$ -q highmem.q\n", "#$ -q gpu.q\n", "#$ -l gpu=1\n");

    MusterProcess process = MusterProcess.start(variables, java, folder, "run", options);
    process.awaitEnd(LIMIT);

    assertThat(process.exitCode()).as(process.output()).isZero();
    nothingIsLeft(); // workers are removed at the end
    // Not the folder's name: that has the time of its making, by the clock of this place.
    String run = RunJournal.read(folder.resolve(".muster/runs/latest")).get(0).run();
    List<String> command = List.of("qacct", "-j", "muster.*." + run + ".*");
    // The qmaster writes its accounts some seconds after a job's end.
    await().atMost(LIMIT).pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
      String accounts = String.join("\n", Commands.lines(command));
      for (String queue : List.of("all.q", "highmem.q", "gpu.q")) {
        assertThat(accounts).containsPattern("(?m)^qname +" + queue.replace(".", "\\."));
      }
    });
  }
}
