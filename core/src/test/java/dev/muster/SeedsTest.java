package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Layer;
import dev.muster.plan.Machine;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Planner;
import dev.muster.resource.MemorySize;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.ProcessOn;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Variables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every example of the pages that describe the language loads, and plans as its page says. */
class SeedsTest {
  private static final Path SEEDS = Path.of("src/test/resources/seeds");
  private static final Machine MACHINE = new Machine(4, MemorySize.parse("16GB"));

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
          infrastructure-workflow            | local/local   | SelectMuons:default
          infrastructure-require-gpu         | local/local   | Stage:gpu
          infrastructure-require-high_memory | local/local   | Stage:high_memory
          infrastructure-pools               | local/local   | SelectMuons:default
          infrastructure-backend-local       | local/local   | SelectMuons:default
          infrastructure-backend-dask        | dask/local    | SelectMuons:default
          infrastructure-strategy-htcondor   | local/htcondor | SelectMuons:default
          infrastructure-strategy-slurm      | local/slurm   | SelectMuons:default
          infrastructure-dask-htcondor       | dask/htcondor | SelectMuons:default
          infrastructure-dask-slurm          | dask/slurm    | SelectMuons:default
          infrastructure-heterogeneous       | local/local   | BuildIndex:high_memory TrainModel:gpu ProducePlots:default
          infrastructure-modifier-gpu.preload | local/local  | Stage:default
          infrastructure-modifier-cuda.jit   | local/local   | Stage:default
          pools-stages                       | local/local   | BuildIndex:high_memory Inference:gpu
          pools-typical                      | local/local   | BuildIndex:high_memory RunInference:gpu MuonPt:default
          pools-profiles                     | local/local   | SelectMuons:default Inference:gpu
          pools-config                       | local/local   | BuildIndex:high_memory
          stage-environments                 | local/local   | runROOTMacro:default runStatsCode:default
          stage-environment-options          | local/local   | everything:default
          worker-dask-htcondor               | dask/htcondor | SelectMuons:default
          worker-pools-gpu                   | local/local   | SelectMuons:gpu
          worker-modifier-gpu.preload        | local/local   | Stage:default
          worker-modifier-cuda.jit           | local/local   | Stage:default
          """)
  void plansAsItsPageSays(String name, String where, String routes) {
    Plan plan = plan(load(name));

    assertThat(plan.execution().execution().backend()
            + "/"
            + plan.execution().execution().strategy())
        .isEqualTo(where);
    List<String> planned = new ArrayList<>();
    for (PlannedStage stage : plan.stages()) {
      planned.add(stage.id() + ":" + stage.route().pools().get(0).name());
    }
    assertThat(String.join(" ", planned)).isEqualTo(routes);
  }

  @Test
  void everySeedIsInTheTable() throws IOException {
    CsvSource table = Arrays.stream(SeedsTest.class.getDeclaredMethods())
        .filter(method -> method.isAnnotationPresent(CsvSource.class))
        .findFirst()
        .orElseThrow()
        .getAnnotation(CsvSource.class);
    List<String> listed = table
        .textBlock()
        .lines()
        .map(line -> line.substring(0, line.indexOf('|')).strip() + ".yaml")
        .toList();
    try (Stream<Path> files = Files.list(SEEDS)) {
      assertThat(files.map(file -> file.getFileName().toString()).toList())
          .containsExactlyInAnyOrderElementsOf(listed);
    }
  }

  @Test
  void modifiersTravelWithTheStage() {
    assertThat(load("worker-modifier-cuda.jit").workflow().stage("Stage").modifiers())
        .containsExactly(Modifier.of("cuda.jit"));
  }

  @Test
  void poolsHaveTheirQuantities() {
    Plan plan = plan(load("infrastructure-pools"));

    assertThat(
            plan.execution().execution().pools().get("high_memory").quantities().toString())
        .isEqualTo("cpus 4, memory 64GB");
    assertThat(plan.execution()
            .execution()
            .pools()
            .get("default")
            .workersOrDefault()
            .max())
        .isEqualTo(20);
  }

  @Test
  void poolsTakeUpTheirProfiles() {
    Plan plan = plan(load("pools-profiles"));

    assertThat(plan.execution().execution().pools().get("gpu").quantities().toString())
        .isEqualTo("memory 16GB, gpus 1");
    assertThat(plan.execution().origins())
        .containsEntry(
            "pools.gpu.resources.gpus",
            "profile gpu_worker (workflow " + SEEDS.resolve("pools-profiles.yaml") + ")");
  }

  @Test
  void walltimeStaysText() {
    assertThat(load("pools-config").execution().pools().get("high_memory").config())
        .containsEntry("walltime", "04:00:00");
  }

  @Test
  void stageEnvironmentsSayAllThatTheirPageLists() {
    Stage macro = load("stage-environments").workflow().stage("runROOTMacro");
    Stage stats = load("stage-environments").workflow().stage("runStatsCode");

    assertThat(macro.op()).isEqualTo("shell");
    assertThat(macro.params())
        .containsEntry("command", "root -bxq <path to ROOT macro>")
        .hasSize(1);
    assertThat(macro.environment().image())
        .isEqualTo("docker.io/rootproject/root:6.28.04-ubuntu22.04");
    assertThat(macro.environment().variables())
        .isEqualTo(new Variables.EnvFile(Path.of("<path to .env>")));
    assertThat(macro.environment().executor()).isEqualTo("LocalExecutor");
    assertThat(stats.environment().variables())
        .isEqualTo(new Variables.Values(Map.of("STATS_METHOD", "CLS")));
    assertThat(stats.environment().resources().memory()).isEqualTo(MemorySize.parse("8Gi"));
    assertThat(stats.environment().processOn()).isEqualTo(ProcessOn.GPU_IF_AVAILABLE);
  }

  @Test
  void theLocalExecutorStaysBesideDask() {
    WorkflowFile file = Workflows.fromYaml("""
        stages:
          - {name: here, type: custom.here, environment: {executor: LocalExecutor}}
          - {name: there, type: custom.there}
        execution: {backend: dask, pools: {default: {workers: 2}}}
        """);

    Plan plan = plan(file);

    assertThat(plan.stages().get(0).route().backend()).isEqualTo("local");
    assertThat(plan.stages().get(1).route().backend()).isEqualTo("dask");
  }

  private static WorkflowFile load(String name) {
    return Workflows.fromYaml(SEEDS.resolve(name + ".yaml"));
  }

  private static Plan plan(WorkflowFile file) {
    List<Layer> layers = new ArrayList<>(file.profiles());
    layers.add(file.layer());
    return Planner.plan(file.workflow(), layers, MACHINE);
  }
}
