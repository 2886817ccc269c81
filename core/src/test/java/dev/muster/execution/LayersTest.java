package dev.muster.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.SourceLocation;
import dev.muster.error.WorkflowException;
import dev.muster.resource.Quantities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayersTest {
  @Test
  void fillsInTheDefaults() {
    EffectiveExecution merged = Layers.merge(List.of());

    Execution execution = merged.execution();
    assertThat(execution.backend()).isEqualTo("local");
    assertThat(execution.strategy()).isEqualTo("local");
    assertThat(execution.environment()).isEqualTo(WorkerEnvironment.current());
    assertThat(execution.staging()).isEqualTo(Staging.SHARED);
    assertThat(execution.credentials()).isEqualTo(Credentials.none());
    assertThat(execution.pools()).isEmpty();
    assertThat(merged.origins())
        .containsOnlyKeys(
            "backend", "strategy", "environment.type", "staging", "reuse.durability", "credentials")
        .allSatisfy((path, origin) -> assertThat(origin).isEqualTo("default"));
  }

  @Test
  void theHigherLayerWins() {
    EffectiveExecution merged = merge(
        Execution.builder()
            .backend("dask")
            .strategy("slurm")
            .staging(Staging.TRANSFER)
            .code("lower/")
            .build(),
        Execution.builder()
            .strategy("htcondor")
            .credentials("x509")
            .code("a.py", "b/")
            .build());

    assertThat(merged.execution().backend()).isEqualTo("dask");
    assertThat(merged.execution().strategy()).isEqualTo("htcondor");
    assertThat(merged.execution().staging()).isEqualTo(Staging.TRANSFER);
    assertThat(merged.execution().code()).containsExactly("a.py", "b/");
    assertThat(merged.execution().credentials()).isEqualTo(new Credentials(List.of("x509"), null));
    assertThat(merged.origins())
        .containsEntry("backend", "layer 0")
        .containsEntry("strategy", "layer 1")
        .containsEntry("staging", "layer 0")
        .containsEntry("code", "layer 1")
        .containsEntry("credentials", "layer 1");
  }

  @Test
  void credentialsAreTakenAsAWhole() {
    EffectiveExecution merged = merge(
        Execution.builder()
            .credentials(new Credentials(List.of("x509"), Duration.ofHours(12)))
            .build(),
        Execution.builder().credentials("scitokens").build());

    assertThat(merged.execution().credentials())
        .isEqualTo(new Credentials(List.of("scitokens"), null));
  }

  @Test
  void poolsMergeByKey() {
    EffectiveExecution merged = merge(
        Execution.builder()
            .pool("gpu", p -> p.workers(1).gpus(1).memory("16GB").config("queue", "gpu"))
            .pool("default", p -> p.workers(4))
            .build(),
        Execution.builder()
            .pool("gpu", p -> p.memory("32GB").slots(2).config("walltime", "01:00:00"))
            .pool("extra", p -> {})
            .build());

    Map<String, Pool> pools = merged.execution().pools();
    assertThat(pools).containsOnlyKeys("gpu", "default", "extra");
    assertThat(pools.get("gpu"))
        .isEqualTo(Pool.builder("gpu")
            .workers(1)
            .slots(2)
            .gpus(1)
            .memory("32GB")
            .config("queue", "gpu")
            .config("walltime", "01:00:00")
            .build());
    assertThat(merged.origins())
        .containsEntry("pools.gpu.workers", "layer 0")
        .containsEntry("pools.gpu.slots", "layer 1")
        .containsEntry("pools.gpu.resources.gpus", "layer 0")
        .containsEntry("pools.gpu.resources.memory", "layer 1")
        .containsEntry("pools.gpu.config.queue", "layer 0")
        .containsEntry("pools.gpu.config.walltime", "layer 1")
        .containsEntry("pools.extra.workers", "default")
        .containsEntry("pools.default.slots", "default");
  }

  @Test
  void poolsKeepTheOrderInWhichTheyAppear() {
    EffectiveExecution merged = merge(
        Execution.builder().pool("b", p -> {}).pool("a", p -> {}).build(),
        Execution.builder().pool("c", p -> {}).pool("b", p -> p.workers(2)).build());

    assertThat(merged.execution().pools().keySet()).containsExactly("b", "a", "c");
  }

  @Test
  void configAndResourcesMergeByKey() {
    EffectiveExecution merged = merge(
        Execution.builder()
            .config("account", "hep")
            .config("queue", "short")
            .resource("gpu", Quantities.builder().gpus(1).memory("16GB").build())
            .build(),
        Execution.builder()
            .config("queue", "long")
            .resource("gpu", Quantities.builder().memory("40GB").build())
            .build());

    assertThat(merged.execution().config()).isEqualTo(Map.of("account", "hep", "queue", "long"));
    assertThat(merged.execution().resources().get("gpu"))
        .isEqualTo(Quantities.builder().gpus(1).memory("40GB").build());
    assertThat(merged.origins())
        .containsEntry("config.account", "layer 0")
        .containsEntry("config.queue", "layer 1")
        .containsEntry("resources.gpu.gpus", "layer 0")
        .containsEntry("resources.gpu.memory", "layer 1");
  }

  @Test
  void environmentsOfOneTypeMergeByKey() {
    EffectiveExecution merged = merge(
        Execution.builder()
            .environment(new WorkerEnvironment("packed-pixi", Map.of("a", 1, "b", 1)))
            .build(),
        Execution.builder()
            .environment(new WorkerEnvironment("packed-pixi", Map.of("b", 2)))
            .build());

    assertThat(merged.execution().environment())
        .isEqualTo(new WorkerEnvironment("packed-pixi", Map.of("a", 1, "b", 2)));
    assertThat(merged.origins())
        .containsEntry("environment.a", "layer 0")
        .containsEntry("environment.b", "layer 1");
  }

  @Test
  void anEnvironmentOfAnotherTypeStartsAnew() {
    EffectiveExecution merged = merge(
        Execution.builder()
            .environment(new WorkerEnvironment("packed-pixi", Map.of("a", 1)))
            .build(),
        Execution.builder()
            .environment(new WorkerEnvironment("shared", Map.of()))
            .build());

    assertThat(merged.execution().environment())
        .isEqualTo(new WorkerEnvironment("shared", Map.of()));
    assertThat(merged.origins())
        .doesNotContainKey("environment.a")
        .containsEntry("environment.type", "layer 1");
  }

  @Test
  void aProfileLiesUnderThePoolsOwnValuesAndItsClassUnderBoth() {
    Execution site = Execution.builder()
        .resource("gpu", Quantities.builder().gpus(1).memory("16GB").cpus(4).build())
        .profile(new PoolProfile(
            "gpu_worker",
            Workers.of(3),
            2,
            "gpu",
            Quantities.builder().memory("24GB").disk("1TB").build(),
            Map.of("queue", "gpu", "account", "site")))
        .build();
    Execution file = Execution.builder()
        .pool("gpu", p -> p.use("gpu_worker").workers(1).disk("2TB").config("account", "mine"))
        .build();

    EffectiveExecution merged = merge(site, file);

    Pool pool = merged.execution().pools().get("gpu");
    assertThat(pool.use()).isEqualTo("gpu_worker");
    assertThat(pool.workers()).isEqualTo(Workers.of(1));
    assertThat(pool.slots()).isEqualTo(2);
    assertThat(pool.resource()).isEqualTo("gpu");
    assertThat(pool.quantities())
        .isEqualTo(
            Quantities.builder().cpus(4).memory("24GB").disk("2TB").gpus(1).build());
    assertThat(pool.config()).isEqualTo(Map.of("queue", "gpu", "account", "mine"));
    String profile = "profile gpu_worker (layer 0)";
    assertThat(merged.origins())
        .containsEntry("pools.gpu.use", "layer 1")
        .containsEntry("pools.gpu.workers", "layer 1")
        .containsEntry("pools.gpu.slots", profile)
        .containsEntry("pools.gpu.resource", profile)
        .containsEntry("pools.gpu.resources.memory", profile)
        .containsEntry("pools.gpu.resources.disk", "layer 1")
        .containsEntry("pools.gpu.resources.gpus", "resource class gpu (layer 0)")
        .containsEntry("pools.gpu.resources.cpus", "resource class gpu (layer 0)")
        .containsEntry("pools.gpu.config.queue", profile)
        .containsEntry("pools.gpu.config.account", "layer 1");
  }

  @Test
  void takesUpThePoolOfTheNameWhereNoResourceClassHasIt() {
    Execution execution = Execution.builder()
        .pool("default", pool -> pool.cpus(2).memory("4GB"))
        .pool("burst", pool -> pool.workers(0, 50).resource("default").memory("8GB"))
        .build();

    EffectiveExecution merged = Layers.merge(List.of(Layer.of("layer 0", execution)));

    Pool burst = merged.execution().pools().get("burst");
    assertThat(burst.quantities())
        .isEqualTo(Quantities.builder().cpus(2).memory("8GB").build());
    assertThat(burst.provides("default")).isTrue();
    assertThat(merged.origins())
        .containsEntry("pools.burst.resources.cpus", "pool default (layer 0)")
        .containsEntry("pools.burst.resources.memory", "layer 0");
  }

  @Test
  void aHigherProfileReplacesALowerOneOfItsName() {
    Execution site = Execution.builder()
        .profile(new PoolProfile(
            "w", null, null, null, Quantities.builder().cpus(8).build(), Map.of("a", 1)))
        .build();
    Execution file = Execution.builder()
        .profile(
            new PoolProfile("w", null, null, null, Quantities.builder().cpus(2).build(), Map.of()))
        .pool("default", p -> p.use("w"))
        .build();

    EffectiveExecution merged = merge(site, file);

    assertThat(merged.execution().pools().get("default").quantities().cpus()).isEqualTo(2);
    assertThat(merged.execution().pools().get("default").config()).isEmpty();
  }

  @Test
  void executorsAndAssignmentsMergeByName() {
    EffectiveExecution merged = merge(
        Execution.builder()
            .executor(new NamedExecutor("a", "batch", null, null, Map.of()))
            .assignment("worker", "a")
            .build(),
        Execution.builder()
            .executor(new NamedExecutor("b", "dask", null, null, Map.of()))
            .assignment("worker", "b")
            .build());

    assertThat(merged.execution().executors()).containsOnlyKeys("a", "b");
    assertThat(merged.execution().assignments()).isEqualTo(Map.of("worker", "b"));
    assertThat(merged.origins())
        .containsEntry("executors.a", "layer 0")
        .containsEntry("assignments.worker", "layer 1");
  }

  @Test
  void reportsAllUnknownProfilesAndClassesWithTheirPlaces() {
    Layer file = new Layer(
        "file",
        Execution.builder()
            .profile(new PoolProfile("gpu_worker", null, null, null, Quantities.none(), Map.of()))
            .resource("gpu", Quantities.none())
            .pool("a", p -> p.use("gpu_workr"))
            .pool("b", p -> p.resource("gpus"))
            .build(),
        Map.of(
            "pools.a.use", new SourceLocation("f.yaml", 3, 9),
            "pools.b.resources", new SourceLocation("f.yaml", 5, 9)));

    assertThatThrownBy(() -> Layers.merge(List.of(file)))
        .isInstanceOf(WorkflowException.class)
        .hasMessage("""
            2 problems
            f.yaml:3:9: execution.pools.a.use: pool a uses the unknown profile 'gpu_workr'; did you mean 'gpu_worker'?
            f.yaml:5:9: execution.pools.b.resources: pool b has the unknown resource class 'gpus'; did you mean 'gpu'?""");
  }

  @Test
  void pointsIntoTheProfileThatNamesAnUnknownClass() {
    Layer site = new Layer(
        "site",
        Execution.builder()
            .profile(new PoolProfile("w", null, null, "big", Quantities.none(), Map.of()))
            .build(),
        Map.of("profiles.w.resources", new SourceLocation("site.yaml", 4, 17)));
    Layer file = new Layer(
        "file",
        Execution.builder().pool("default", p -> p.use("w")).build(),
        Map.of("pools.default.use", new SourceLocation("f.yaml", 3, 9)));

    assertThatThrownBy(() -> Layers.merge(List.of(site, file)))
        .hasMessage(
            "site.yaml:4:17: execution.profiles.w.resources: profile w has the unknown resource"
                + " class 'big'; no resource class is described; add execution.resources");
  }

  @Test
  void pointsAtTheLayerThatCounts() {
    Layer lower = new Layer(
        "lower",
        Execution.builder().pool("a", p -> p.use("x")).build(),
        Map.of("pools.a.use", new SourceLocation("lower.yaml", 1, 1)));
    Layer higher = new Layer(
        "higher",
        Execution.builder().pool("a", p -> p.use("y")).build(),
        Map.of("pools.a.use", new SourceLocation("higher.yaml", 2, 2)));

    assertThatThrownBy(() -> Layers.merge(List.of(lower, higher)))
        .hasMessageStartingWith("higher.yaml:2:2: execution.pools.a.use");
  }

  @Test
  void pointsNowhereIfTheValueWasSetInJava() {
    Layer lower = new Layer(
        "lower",
        Execution.builder().pool("a", p -> p.use("x")).build(),
        Map.of("pools.a.use", new SourceLocation("lower.yaml", 1, 1)));
    Layer higher =
        Layer.of("java", Execution.builder().pool("a", p -> p.use("y")).build());

    assertThatThrownBy(() -> Layers.merge(List.of(lower, higher)))
        .hasMessageStartingWith("execution.pools.a.use: pool a uses the unknown profile 'y'");
  }

  private static EffectiveExecution merge(Execution... executions) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < executions.length; i++) {
      layers.add(Layer.of("layer " + i, executions[i]));
    }
    return Layers.merge(layers);
  }
}
