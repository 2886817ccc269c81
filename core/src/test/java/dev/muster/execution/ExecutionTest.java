package dev.muster.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.resource.Quantities;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExecutionTest {
  private static Execution.Builder full() {
    return Execution.builder()
        .backend("dask")
        .strategy("slurm")
        .resource("gpu", Quantities.builder().gpus(1).build())
        .pool("default", pool -> pool.workers(20).cpus(1).memory("4GB"))
        .profile(new PoolProfile("p", null, null, null, Quantities.none(), Map.of()))
        .environment(new WorkerEnvironment("packed-pixi", Map.of("archive_path", "env.sh")))
        .staging(Staging.TRANSFER)
        .credentials("x509")
        .config("queue", "short")
        .executor(new NamedExecutor("night", "batch", null, "default", Map.of()))
        .assignment("worker", "night");
  }

  static List<UnaryOperator<Execution.Builder>> changes() {
    return List.of(
        execution -> execution.backend("local"),
        execution -> execution.strategy("pbs"),
        execution -> execution.resource("gpu", Quantities.none()),
        execution -> execution.pool("default", pool -> pool.workers(1)),
        execution -> execution.pool("more", pool -> pool.workers(1)),
        execution -> execution.noPools(),
        execution ->
            execution.profile(new PoolProfile("p", null, 2, null, Quantities.none(), Map.of())),
        execution -> execution.environment(WorkerEnvironment.current()),
        execution -> execution.staging(Staging.SHARED),
        execution -> execution.durability(Durability.MACHINE),
        execution -> execution.credentials("scitokens"),
        execution -> execution.config("queue", "long"),
        execution -> execution.executor(new NamedExecutor("night", null, null, null, Map.of())),
        execution -> execution.assignment("worker", "day"));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void lastCallWinsAndEachPropertyCounts(UnaryOperator<Execution.Builder> change) {
    Execution changed = change.apply(full()).build();
    assertThat(changed).isNotEqualTo(full().build());
    assertThat(change.apply(full()).build()).isEqualTo(changed);
    assertThat(change.apply(change.apply(full())).build()).isEqualTo(changed);
  }

  @Test
  void toBuilderGivesAnEqualExecution() {
    Execution execution = full().build();
    assertThat(execution.toBuilder().build()).isEqualTo(execution).hasSameHashCodeAs(execution);
  }

  @Test
  void theBuiltExecutionDoesNotChangeWithItsBuilder() {
    Execution.Builder builder = full();
    Execution execution = builder.build();
    builder.noPools().config("queue", "long").backend("local");
    assertThat(execution).isEqualTo(full().build());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> execution.pools().clear());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> execution.config().clear());
  }

  @Test
  void poolsKeepTheAuthorsOrder() {
    Execution execution = full()
        .pool("z", pool -> pool.workers(1))
        .pool("a", pool -> pool.workers(1))
        .build();
    assertThat(execution.pools().keySet()).containsExactly("default", "z", "a");
  }

  @Test
  void whatIsNotSaidIsAbsent() {
    Execution execution = Execution.builder().build();
    assertThat(execution.backend()).isNull();
    assertThat(execution.strategy()).isNull();
    assertThat(execution.environment()).isNull();
    assertThat(execution.staging()).isNull();
    assertThat(execution.credentials()).isNull();
    assertThat(execution).hasToString("Execution(local on local, pools [])");
    assertThat(Execution.local()).isEqualTo(Execution.builder().backend("local").build());
  }
}
