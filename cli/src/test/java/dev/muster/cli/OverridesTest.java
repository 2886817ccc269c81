package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.execution.EffectiveExecution;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.execution.Layers;
import dev.muster.execution.NamedExecutor;
import dev.muster.execution.Pool;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.execution.Workers;
import dev.muster.resource.MemorySize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OverridesTest {
  private static final Layer FILE = Layer.of(
      "w.yaml",
      Samples.execution().toBuilder()
          .environment(new WorkerEnvironment("packed-pixi", Map.of("archive_path", "a.sh")))
          .executor(new NamedExecutor("far", "batch", "slurm", null, Map.of("queue", "long")))
          .build());

  private static EffectiveExecution with(String... assignments) {
    Overrides overrides = new Overrides(List.of(FILE));
    for (String assignment : assignments) {
      overrides.set(assignment);
    }
    List<Layer> layers = new ArrayList<>(List.of(FILE));
    layers.addAll(overrides.layers());
    return Layers.merge(layers);
  }

  private static Pool pool(EffectiveExecution execution, String name) {
    Pool pool = execution.execution().pools().get(name);
    assertThat(pool).isNotNull();
    return pool;
  }

  @Test
  void changesOneValueOfAPool() {
    EffectiveExecution changed = with(
        "pools.gpu.workers=2",
        "pools.gpu.resources.memory=32GB",
        "pools.gpu.resources.cpus=4",
        "pools.gpu.config.walltime=04:00:00",
        "pools.gpu.slots=3");
    Pool gpu = pool(changed, "gpu");
    assertThat(gpu.workers()).isEqualTo(Workers.of(2));
    assertThat(gpu.slots()).isEqualTo(3);
    assertThat(gpu.quantities().memory()).isEqualTo(MemorySize.parse("32GB"));
    assertThat(gpu.quantities().gpus()).isEqualTo(1);
    assertThat(gpu.config()).isEqualTo(Map.of("walltime", "04:00:00"));
    assertThat(changed.origins()).containsEntry("pools.gpu.workers", "--set pools.gpu.workers=2");
    assertThat(changed.origins()).containsEntry("pools.gpu.resources.gpus", "w.yaml");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"2 | 2 | 2", "0..8 | 0 | 8", "{min: 1, max: 3} | 1 | 3"})
  void readsNumbersOfWorkers(String value, int min, int max) {
    assertThat(pool(with("pools.gpu.workers=" + value), "gpu").workers())
        .isEqualTo(new Workers(min, max));
  }

  @Test
  void changesEverythingElse() {
    EffectiveExecution changed = with(
        "execution.backend=dask",
        "strategy=slurm",
        "staging=transfer",
        "code=[analysis/, tools.whl]",
        "credentials=[x509, scitokens]",
        "config.python=/usr/bin/python3",
        "config.retries=3",
        "config.batch.extra.flag=true",
        "environment.worker_env_dir=/tmp/env",
        "resources.big.memory=1TB",
        "pools.default.resources=big",
        "executors.far.pool=gpu",
        "executors.mine.type=shell",
        "executors.far.config.queue=short",
        "assignments.worker_a=far");
    Execution execution = changed.execution();
    assertThat(execution.backend()).isEqualTo("dask");
    assertThat(execution.strategy()).isEqualTo("slurm");
    assertThat(execution.staging()).isEqualTo(Staging.TRANSFER);
    assertThat(execution.code()).containsExactly("analysis/", "tools.whl");
    assertThat(execution.credentials()).isNotNull();
    assertThat(execution.credentials().kinds()).containsExactly("x509", "scitokens");
    assertThat(execution.config())
        .isEqualTo(Map.of("python", "/usr/bin/python3", "retries", 3, "batch.extra.flag", true));
    assertThat(execution.environment())
        .isEqualTo(new WorkerEnvironment(
            "packed-pixi", Map.of("archive_path", "a.sh", "worker_env_dir", "/tmp/env")));
    assertThat(pool(changed, "default").resource()).isEqualTo("big");
    assertThat(execution.executors().get("far"))
        .isEqualTo(new NamedExecutor("far", "batch", "slurm", "gpu", Map.of("queue", "short")));
    assertThat(execution.executors().get("mine"))
        .isEqualTo(new NamedExecutor("mine", "shell", null, null, null, Map.of()));
    assertThat(execution.assignments()).isEqualTo(Map.of("worker_a", "far"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "pools.gpu.worker=2 | unknown key 'worker'; did you mean 'workers'?",
        "pool.gpu.workers=2 | unknown key 'pool'; did you mean 'pools'?",
        "backnd=x | unknown key 'backnd'; did you mean 'backend'?",
        "execution.strateg=x | unknown key 'strateg'; did you mean 'strategy'?",
        "pools.gpu.resources.memry=2 | unknown key 'memry'; did you mean 'memory'?",
        "executors.far.zzzzzzzz=1 | unknown key 'zzzzzzzz'; known: type, backend, strategy, pool, config",
        "pools.gpu.workers=many | expected a whole number, got 'many'",
        "pools.gpu.workers=0 | workers must be 1 to 1000000",
        "pools.gpu.workers=5..2 | workers must be",
        "pools.gpu.workers.min=1 | 'workers' has no keys of its own",
        "pools.gpu.slots=1.5 | expected a whole number, got '1.5'",
        "pools.gpu.resources.memory=lots | 'lots' is not a memory size",
        "pools.gpu=2 | the key ends too early",
        "pools=2 | the key ends too early",
        "config=2 | the key ends too early",
        "staging=rsync | staging is 'shared' or 'transfer'",
        "backend= | a value is missing",
        "backend=[a] | expected one word, got [a]",
        "config.x=[1, | the value is not YAML",
        "pools..workers=2 | a part of the key is empty",
        "=2 | expected KEY=VALUE",
        "backend | expected KEY=VALUE"
      })
  void refusesWhatItDoesNotUnderstand(String assignment, String message) {
    assertThatThrownBy(() -> with(assignment))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("--set " + assignment + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void poolSetsWorkers() {
    Overrides overrides = new Overrides(List.of(FILE));
    overrides.pool("gpu=4");
    overrides.pool("default=0..8");
    EffectiveExecution changed =
        Layers.merge(List.of(FILE, overrides.layers().get(0), overrides.layers().get(1)));
    assertThat(pool(changed, "gpu").workers()).isEqualTo(Workers.of(4));
    assertThat(pool(changed, "default").workers()).isEqualTo(new Workers(0, 8));
    assertThat(changed.origins()).containsEntry("pools.gpu.workers", "--pool gpu=4");
    assertThat(overrides.doubts()).isEmpty();
  }

  @Test
  void doubtsAPoolWhoseNameIsNearlyThatOfAnother() {
    Overrides overrides = new Overrides(List.of(FILE));
    overrides.pool("high_memroy=4");
    overrides.pool("entirely_new=4");
    assertThat(overrides.doubts())
        .containsExactly(
            "--pool high_memroy=4 adds a pool 'high_memroy'; did you mean 'high_memory'?");
  }

  @Test
  void anOptionOfAnEnvironmentNeedsItsType() {
    Overrides overrides = new Overrides(List.of());
    assertThatThrownBy(() -> overrides.set("environment.archive_path=x"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("set environment.type first");
    overrides.set("environment.type=shared");
    overrides.set("environment.archive_path=x");
    assertThat(overrides.layers().get(1).execution().environment())
        .isEqualTo(new WorkerEnvironment("shared", Map.of("archive_path", "x")));
  }

  @ParameterizedTest
  @CsvSource({
    "pools.default.resources.memory=4000,memory is 4000 bytes,4000MB",
    "pools.default.resources.disk=20,disk is 20 bytes,20GB",
    "resources.big.memory=16,memory is 16 bytes,16GB"
  })
  void doubtsASizeWithoutAUnit(String assignment, String message, String meant) {
    Overrides overrides = new Overrides(List.of());
    overrides.set(assignment);
    overrides.set("pools.default.resources.memory=4GB");
    assertThat(overrides.layers()).hasSize(2);
    assertThat(overrides.layers().get(0).warnings()).singleElement().satisfies(warning -> {
      assertThat(warning.path()).isEqualTo("--set " + assignment);
      assertThat(warning.message()).isEqualTo(message);
      assertThat(warning.suggestion()).isEqualTo("did you mean " + meant + "?");
    });
    assertThat(overrides.layers().get(1).warnings()).isEmpty();
  }
}
