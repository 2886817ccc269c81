package dev.muster.plan;

import static dev.muster.plan.Planning.MACHINE;
import static dev.muster.plan.Planning.pools;
import static dev.muster.plan.Planning.problem;
import static dev.muster.plan.Planning.route;
import static dev.muster.plan.Planning.threePools;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.execution.Layers;
import dev.muster.execution.NamedExecutor;
import dev.muster.resource.Quantities;
import dev.muster.workflow.EscalateOn;
import dev.muster.workflow.ProcessOn;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageEnvironment;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutingTest {
  private static Consumer<Stage.Builder> needing(String memory) {
    return stage -> stage.environment(
        environment -> environment.resources(Quantities.builder().memory(memory).build()));
  }

  private static Consumer<Stage.Builder> processOn(ProcessOn processOn) {
    return stage -> stage.environment(environment -> environment.processOn(processOn));
  }

  private static Consumer<Stage.Builder> in(Consumer<StageEnvironment.Builder> environment) {
    return stage -> stage.environment(environment);
  }

  @Test
  void theDocumentationsExampleGoesWhereItSays() {
    Workflow workflow = Workflow.builder()
        .stage("BuildIndex")
        .op("custom.index")
        .require("high_memory")
        .stage("RunInference")
        .op("custom.inference")
        .require("gpu")
        .stage("MuonPt")
        .op("hep.hist")
        .build();

    Plan plan = Planning.plan(workflow, threePools());

    assertThat(plan.stages())
        .extracting(stage -> pools(stage.route()))
        .containsExactly(List.of("high_memory"), List.of("gpu"), List.of("default"));
    assertThat(plan.stages())
        .extracting(stage -> stage.route().annotations().resources())
        .containsExactly(
            com.google.common.collect.ImmutableSortedMap.of("resource.high_memory", 1.0),
            com.google.common.collect.ImmutableSortedMap.of("resource.gpu", 1.0),
            com.google.common.collect.ImmutableSortedMap.of("resource.default", 1.0));
    assertThat(plan.stage("BuildIndex").route().backend()).isEqualTo("dask");
    assertThat(plan.stage("BuildIndex").route().strategy()).isEqualTo("htcondor");
  }

  @Test
  void theTrainingExampleGoesWhereTheDocumentationSays() {
    Quantities gpu = Quantities.builder().gpus(1).memory("16GB").build();
    Execution execution = Execution.builder()
        .resource("gpu", gpu)
        .pool("default", pool -> pool.workers(10).cpus(1).memory("4GB"))
        .pool("large", pool -> pool.workers(2).cpus(8).memory("64GB"))
        .pool("old_gpus", pool -> pool.workers(4).resource("gpu"))
        .pool("new_gpus", pool -> pool.workers(1).resource("gpu"))
        .build();
    assertThat(pools(route(execution, needing("8Gi")))).containsExactly("large");
    assertThat(pools(route(execution, stage -> stage.prefer("gpu", "default"))))
        .containsExactly("old_gpus", "new_gpus");
    assertThat(
            pools(route(execution, needing("2GB").andThen(processOn(ProcessOn.GPU_IF_AVAILABLE)))))
        .containsExactly("old_gpus");
  }

  @Nested
  class Require {
    private final Execution classes = Execution.builder()
        .resource("gpu", Quantities.builder().gpus(1).build())
        .pool("default", pool -> pool.workers(1))
        .pool("old_gpus", pool -> pool.resource("gpu"))
        .pool("new_gpus", pool -> pool.resource("gpu"))
        .build();

    @Test
    void goesToEveryPoolOfTheClass() {
      Route route = route(classes, stage -> stage.require("gpu"));
      assertThat(pools(route)).containsExactly("old_gpus", "new_gpus");
      assertThat(route.label()).isEqualTo("gpu");
      assertThat(route.reason()).isEqualTo("requires gpu");
      assertThat(route.annotations().resources()).containsOnlyKeys("resource.gpu");
    }

    @Test
    void goesToThePoolOfTheName() {
      assertThat(pools(route(classes, stage -> stage.require("new_gpus"))))
          .containsExactly("new_gpus");
    }

    @Test
    void unknownLabelNamesLineLabelAndLabels() {
      Problem problem = problem(
          threePools(),
          stage -> stage.require("gpuu").location(new SourceLocation("dimuon.yaml", 12, 5)));
      assertThat(problem)
          .hasToString(
              "dimuon.yaml:12:5: stage S.execution.require: no pool provides the label 'gpuu';"
                  + " labels: default, high_memory, gpu; did you mean 'gpu'?");
    }

    @Test
    void labelsOfClassesAreListedOnce() {
      assertThat(problem(classes, stage -> stage.require("zzzzzz")).message())
          .isEqualTo(
              "no pool provides the label 'zzzzzz'; labels: default, old_gpus, gpu, new_gpus");
    }

    @Test
    void stagesThatAskTheSameShareARoute() {
      Plan plan = Planning.plan(
          Workflow.builder()
              .stage("A")
              .require("gpu")
              .stage("B")
              .require("gpu")
              .stage("C", needing("1GB"))
              .stage("D", needing("1GB"))
              .build(),
          threePools());
      assertThat(plan.stage("A").route()).isSameAs(plan.stage("B").route());
      assertThat(plan.stage("C").route()).isSameAs(plan.stage("D").route());
    }
  }

  @Nested
  class NoRequirement {
    @Test
    void goesToDefault() {
      Route route = route(threePools(), stage -> {});
      assertThat(pools(route)).containsExactly("default");
      assertThat(route.reason()).isEqualTo("no requirement, the default pool");
    }

    @Test
    void goesToTheOnlyPool() {
      Route route =
          route(Execution.builder().pool("farm", pool -> pool.workers(3)).build(), stage -> {});
      assertThat(pools(route)).containsExactly("farm");
      assertThat(route.label()).isEqualTo("farm");
      assertThat(route.reason()).isEqualTo("no requirement, the only pool");
    }

    @Test
    void goesToAllPoolsThatProvideDefault() {
      Execution execution = Execution.builder()
          .resource("default", Quantities.builder().cpus(1).build())
          .pool("day", pool -> pool.resource("default"))
          .pool("night", pool -> pool.resource("default"))
          .pool("gpu", pool -> pool.gpus(1))
          .build();
      Route route = route(execution, stage -> {});
      assertThat(pools(route)).containsExactly("day", "night");
      assertThat(route.label()).isEqualTo("default");
    }

    @Test
    void severalPoolsWithoutDefaultAreListed() {
      Execution execution = Execution.builder()
          .pool("a", pool -> pool.workers(1))
          .pool("b", pool -> pool.workers(1))
          .build();
      assertThat(problem(execution, stage -> {}))
          .hasToString(
              "stage S.execution.require: it requires nothing, and none of several pools is named 'default'; pools: a, b;"
                  + " name one of them 'default', or let the stage require one");
      assertThat(problem(execution, stage -> stage.prefer("c")).toString())
          .startsWith(
              "stage S.execution.prefer: it prefers c, which no pool provides, and none of several pools is named 'default'");
    }

    @Test
    void withoutPoolsTheMachineStandsInForEveryLabel() {
      for (Consumer<Stage.Builder> asked : List.<Consumer<Stage.Builder>>of(
          stage -> {},
          stage -> stage.require("gpu"),
          stage -> stage.prefer("gpu", "high_memory"))) {
        Route route = route(Execution.local(), asked);
        assertThat(pools(route)).containsExactly("default");
        assertThat(route.pools().get(0).slotsOrDefault()).isEqualTo(4);
        assertThat(route.pools().get(0).quantities()).isEqualTo(MACHINE.quantities());
        assertThat(route.label()).isEqualTo("default");
        assertThat(route.reason()).endsWith("; no pools are described, this machine stands in");
      }
    }

    @Test
    void theMachineStandsInOnlyForWhatItHas() {
      assertThat(problem(Execution.local(), needing("64GB")).message())
          .isEqualTo("no pool has memory 64GB; too small: default (memory 16GB < 64GB)");
    }
  }

  @Nested
  class Prefer {
    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
        gpu,  high_memory, gpu,         'prefers gpu'
        gpu,  -,           gpu,         'prefers gpu'
        tpu,  high_memory, high_memory, 'prefers tpu, which no pool provides, and falls back to high_memory'
        tpu,  npu,         default,     'prefers tpu, which no pool provides, and falls back to the default pool'
        tpu,  -,           default,     'prefers tpu, which no pool provides, and falls back to the default pool'
        """)
    void takesTheFirstThatThereIs(String label, String fallback, String pool, String reason) {
      Route route = route(threePools(), stage -> {
        if (fallback == null) {
          stage.prefer(label);
        } else {
          stage.prefer(label, fallback);
        }
      });
      assertThat(pools(route)).containsExactly(pool);
      assertThat(route.label()).isEqualTo(pool);
      assertThat(route.reason()).isEqualTo(reason);
    }

    @Test
    void anUnknownFallbackIsAWarning() {
      Plan plan = Planning.plan(
          Workflow.builder().stage("S").prefer("gpu", "defualt").build(), threePools());
      assertThat(plan.warnings())
          .extracting(Problem::toString)
          .containsExactly(
              "stage S.execution.fallback: no pool provides the label 'defualt'; did you mean 'default'?");
    }

    @Test
    void preferredPoolsThatAreTooSmallArePassedOver() {
      Route route = route(threePools(), needing("64GB").andThen(stage -> stage.prefer("gpu")));
      assertThat(pools(route)).containsExactly("high_memory");
      assertThat(route.reason())
          .isEqualTo(
              "prefers gpu, where nothing fits, and falls back to any pool; needs memory 64GB; the only fit");
    }

    @Test
    void preferredPoolsThatFitAreTakenThoughOthersFitMoreTightly() {
      assertThat(pools(
              route(threePools(), needing("2GB").andThen(stage -> stage.prefer("high_memory")))))
          .containsExactly("high_memory");
    }
  }

  @Nested
  class Amounts {
    @ParameterizedTest
    @CsvSource({"1GB, default", "4GB, default", "8GB, gpu", "64GB, high_memory"})
    void theTightestFitWins(String memory, String pool) {
      Execution execution =
          threePools().toBuilder().pool("gpu", p -> p.memory("16GB")).build();
      Route route = route(execution, needing(memory));
      assertThat(pools(route)).containsExactly(pool);
      assertThat(route.label()).isEqualTo(pool);
    }

    @Test
    void gpusAreNotWastedOnThoseWhoNeedNone() {
      assertThat(pools(route(threePools(), needing("8GB")))).containsExactly("high_memory");
    }

    @Test
    void poolsThatSayNoMemoryFitLoosely() {
      Execution execution = Execution.builder()
          .pool("default", pool -> pool.workers(10))
          .pool("high_memory", pool -> pool.memory("128GB"))
          .build();
      assertThat(pools(route(execution, needing("8GB")))).containsExactly("high_memory");
      assertThat(pools(route(execution, needing("256GB")))).containsExactly("default");
    }

    @Test
    void theFirstOfEqualPoolsWins() {
      Execution execution = Execution.builder()
          .pool("b", pool -> pool.memory("8GB"))
          .pool("a", pool -> pool.memory("8GB"))
          .build();
      assertThat(pools(route(execution, needing("1GB")))).containsExactly("b");
    }

    @Test
    void whatEachPoolLacksIsSaid() {
      Problem problem = problem(
          threePools(),
          stage -> stage.environment(environment -> environment.resources(
              Quantities.builder().cpus(4).memory("256GB").gpus(1).build())));
      assertThat(problem)
          .hasToString("stage S.environment.resources: no pool has cpus 4, memory 256GB, gpus 1;"
              + " too small: default (cpus 1 < 4, memory 4GB < 256GB, gpus 0 < 1),"
              + " high_memory (memory 128GB < 256GB, gpus 0 < 1),"
              + " gpu (cpus 1 < 4, memory 16GB < 256GB); ask for less or describe a larger pool");
    }

    @Test
    void aRequirementNarrowsWhatIsMeasured() {
      assertThat(pools(
              route(threePools(), needing("1GB").andThen(stage -> stage.require("high_memory")))))
          .containsExactly("high_memory");
      assertThat(problem(threePools(), needing("64GB").andThen(stage -> stage.require("gpu")))
              .message())
          .isEqualTo(
              "no pool that provides 'gpu' has memory 64GB; too small: gpu (memory 16GB < 64GB)");
    }

    @Test
    void gpusAreAnnotated() {
      Route route = route(
          threePools(),
          stage -> stage.environment(
              environment -> environment.resources(Quantities.builder().gpus(1).build())));
      assertThat(route.annotations().resources())
          .isEqualTo(Map.of("resource.gpu", 1.0, "GPU", 1.0));
      assertThat(route.reason()).isEqualTo("needs gpus 1; the only fit");
    }
  }

  @Nested
  class Processor {
    private final Execution noGpu = Execution.builder()
        .pool("default", pool -> pool.memory("8GB"))
        .pool("small", pool -> pool.memory("1GB"))
        .build();

    @Test
    void gpuRequiresOne() {
      Route route = route(threePools(), processOn(ProcessOn.GPU));
      assertThat(pools(route)).containsExactly("gpu");
      assertThat(route.annotations().resources()).containsEntry("GPU", 1.0);
      assertThat(problem(noGpu, processOn(ProcessOn.GPU)).message())
          .isEqualTo("no pool has gpus 1; too small: default (gpus 0 < 1), small (gpus 0 < 1)");
    }

    @Test
    void gpuIfAvailablePrefersOne() {
      Route route = route(threePools(), processOn(ProcessOn.GPU_IF_AVAILABLE));
      assertThat(pools(route)).containsExactly("gpu");
      assertThat(route.annotations().resources()).containsEntry("GPU", 1.0);
      assertThat(route.reason()).isEqualTo("takes a GPU, as there is one");
    }

    @Test
    void gpuIfAvailableGoesToDefaultWithoutOne() {
      Route route = route(noGpu, processOn(ProcessOn.GPU_IF_AVAILABLE));
      assertThat(pools(route)).containsExactly("default");
      assertThat(route.annotations().resources()).containsOnlyKeys("resource.default");
      assertThat(route.reason())
          .isEqualTo("would take a GPU, but no pool that fits has one; the default pool");
    }

    @Test
    void gpuIfAvailableTakesNoPoolThatIsTooSmall() {
      assertThat(pools(
              route(threePools(), needing("64GB").andThen(processOn(ProcessOn.GPU_IF_AVAILABLE)))))
          .containsExactly("high_memory");
    }

    @Test
    void cpuLeavesGpusToOthers() {
      Execution execution = Execution.builder()
          .pool("default", pool -> pool.gpus(1))
          .pool("cpus", pool -> pool.memory("8GB"))
          .build();
      Route route = route(execution, processOn(ProcessOn.CPU));
      assertThat(pools(route)).containsExactly("cpus");
      assertThat(route.reason()).isEqualTo("leaves GPUs to others");
      assertThat(pools(route(threePools(), processOn(ProcessOn.CPU)))).containsExactly("default");
    }

    @Test
    void cpuTakesAGpuPoolIfThereIsNoOther() {
      Route route = route(
          Execution.builder().pool("gpu", pool -> pool.gpus(1)).build(), processOn(ProcessOn.CPU));
      assertThat(pools(route)).containsExactly("gpu");
      assertThat(route.annotations().resources()).containsOnlyKeys("resource.gpu");
    }

    @Test
    void theStageEnvironmentsExampleRunsOnAMachineWithoutGpu() {
      Route route =
          route(Execution.local(), needing("8Gi").andThen(processOn(ProcessOn.GPU_IF_AVAILABLE)));
      assertThat(pools(route)).containsExactly("default");
      assertThat(route.backend()).isEqualTo("local");
    }
  }

  @Nested
  class Executors {
    private final Execution named = threePools().toBuilder()
        .executor(new NamedExecutor("night", "batch", "slurm", "gpu", Map.of()))
        .executor(new NamedExecutor("anywhere", "batch", null, null, Map.of()))
        .executor(new NamedExecutor("laptop", "local", null, null, Map.of()))
        .executor(new NamedExecutor("broken", null, null, "gpuu", Map.of()))
        .build();

    @Test
    void aNamedExecutorPinsBackendStrategyAndPool() {
      Route route = route(named, stage -> stage.executor("night"));
      assertThat(route.backend()).isEqualTo("batch");
      assertThat(route.strategy()).isEqualTo("slurm");
      assertThat(route.executor()).isEqualTo("night");
      assertThat(pools(route)).containsExactly("gpu");
    }

    @Test
    void anExecutorWithoutPoolRoutesAsUsual() {
      Route route = route(named, stage -> stage.executor("anywhere").require("high_memory"));
      assertThat(route.backend()).isEqualTo("batch");
      assertThat(route.strategy()).isEqualTo("htcondor");
      assertThat(pools(route)).containsExactly("high_memory");
    }

    @Test
    void theStagesExecutorWinsOverItsEnvironments() {
      Route route = route(
          named,
          in(environment -> environment.executor("anywhere"))
              .andThen(stage -> stage.executor("night")));
      assertThat(route.executor()).isEqualTo("night");
    }

    @Test
    void localExecutorRunsOnThisMachineBesideARemoteBackend() {
      for (Consumer<Stage.Builder> asked : List.<Consumer<Stage.Builder>>of(
          in(environment -> environment.executor("LocalExecutor")),
          stage -> stage.backend("local"),
          stage -> stage.executor("laptop"))) {
        Route route = route(named, asked);
        assertThat(route.backend()).isEqualTo("local");
        assertThat(route.strategy()).isEqualTo("local");
        assertThat(pools(route)).containsExactly("local");
        assertThat(route.pools().get(0).quantities()).isEqualTo(MACHINE.quantities());
      }
    }

    @Test
    void thisMachineProvidesNoLabelsOfTheSite() {
      assertThat(problem(threePools(), stage -> stage.backend("local").require("gpu"))
              .message())
          .isEqualTo(
              "no pool provides the label 'gpu' on the local backend, which has this machine only;"
                  + " labels: local");
      assertThat(
              pools(route(threePools(), stage -> stage.backend("local").prefer("gpu", "default"))))
          .containsExactly("local");
    }

    @Test
    void withoutPoolsThisMachineProvidesEveryLabelBesideABackendToo() {
      Execution dask = Execution.builder().backend("dask").build();
      assertThat(pools(route(dask, stage -> stage.backend("local").require("gpu"))))
          .containsExactly("local");
    }

    @Test
    void localExecutorIsNothingSpecialWhereAllIsLocal() {
      Execution execution =
          Execution.builder().pool("default", pool -> pool.workers(2)).build();
      Route route = route(execution, in(environment -> environment.executor("LocalExecutor")));
      assertThat(pools(route)).containsExactly("default");
      assertThat(route.pools().get(0).workersOrDefault().max()).isEqualTo(2);
    }

    @Test
    void daskExecutorIsTheDaskBackend() {
      assertThat(route(Execution.local(), in(environment -> environment.executor("DaskExecutor")))
              .backend())
          .isEqualTo("dask");
    }

    @Test
    void anotherBackendUsesTheSamePools() {
      Route route = route(threePools(), stage -> stage.backend("batch").require("gpu"));
      assertThat(route.backend()).isEqualTo("batch");
      assertThat(pools(route)).containsExactly("gpu");
    }

    @Test
    void unknownExecutorsAreErrors() {
      assertThat(problem(named, stage -> stage.executor("nihgt")))
          .hasToString("stage S.executor: unknown executor 'nihgt'; did you mean 'night'?");
      assertThat(problem(Execution.local(), stage -> stage.executor("zzz")))
          .hasToString(
              "stage S.executor: unknown executor 'zzz'; known: LocalExecutor, DaskExecutor");
      assertThat(problem(named, stage -> stage.executor("broken")))
          .hasToString(
              "stage S.executor: executor 'broken' names the unknown pool 'gpuu'; did you mean 'gpu'?");
    }

    @Test
    void backendAndExecutorMustAgree() {
      assertThat(problem(named, stage -> stage.executor("night").backend("dask")))
          .hasToString(
              "stage S.executor: the stage asks for backend 'dask', but executor 'night' has backend 'batch';"
                  + " leave one of them out");
      assertThat(route(named, stage -> stage.executor("night").backend("batch")).executor())
          .isEqualTo("night");
    }

    @Test
    void aLabelThatTheExecutorsPoolLacksIsAnError() {
      assertThat(problem(named, stage -> stage.executor("night").require("high_memory"))
              .message())
          .isEqualTo("no pool provides the label 'high_memory' in executor night; labels: gpu");
    }
  }

  @Nested
  class Escalation {
    private Consumer<Stage.Builder> escalating(String label) {
      return stage -> stage.retry(new Retry(2, Duration.ZERO, label));
    }

    @Test
    void goesWhereTheLabelIs() {
      Workflow workflow =
          Workflow.builder().stage("S", escalating("high_memory")).build();
      Plan plan = Planning.plan(workflow, threePools());
      assertThat(pools(plan.stage("S").route())).containsExactly("default");
      assertThat(pools(plan.escalationOf(plan.stage("S")))).containsExactly("high_memory");
    }

    @Test
    void saysAfterWhichFailures() {
      EscalateOn on = EscalateOn.of("OUT_OF_MEMORY", "WALLTIME").orExitCodes(250, 137);
      Workflow workflow = Workflow.builder()
          .stage("S", stage -> stage.retry(new Retry(2, Duration.ZERO, "high_memory", on)))
          .build();
      Plan plan = Planning.plan(workflow, threePools());
      assertThat(plan.explain("S").toString())
          .contains("to high_memory, if it fails with kind OUT_OF_MEMORY or WALLTIME,"
              + " or with exit code 137 or 250");
      assertThat(plan.toJson()).contains("\"OUT_OF_MEMORY\", \"WALLTIME\", 137, 250");
    }

    @Test
    void unknownLabelIsAnError() {
      assertThat(problem(threePools(), escalating("hihg_memory")))
          .hasToString("stage S.execution.retry.escalate: no pool provides the label 'hihg_memory';"
              + " labels: default, high_memory, gpu; did you mean 'high_memory'?");
    }

    @Test
    void stagesThatDoNotEscalateHaveNoEscalation() {
      Plan plan = Planning.plan(Workflow.builder().stage("S").build(), threePools());
      org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
          .isThrownBy(() -> plan.escalationOf(plan.stage("S")))
          .withMessage("stage S does not escalate");
    }
  }

  @Test
  void aRouterAloneSaysWhatIsWrong() {
    Router router = Router.compile(Layers.merge(List.of(Layer.of("test", threePools()))), MACHINE);
    assertThat(router.labels()).containsExactly("default", "high_memory", "gpu");
    assertThat(router.pools()).hasSize(3);
    assertThat(pools(router.route(Stage.builder("S").require("gpu").build())))
        .containsExactly("gpu");
    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(() -> router.route(Stage.builder("S").require("tpu").build()))
        .withMessageContaining("stage S.execution.require: no pool provides the label 'tpu'");
  }
}
