package dev.muster.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.resource.Quantities;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PoolTest {
  private static Pool.Builder full() {
    return Pool.builder("gpu")
        .use("gpu_worker")
        .workers(2)
        .slots(4)
        .resource("accelerated")
        .cpus(8)
        .memory("128GB")
        .disk("1TB")
        .gpus(1)
        .config("walltime", "04:00:00");
  }

  @Test
  void lastCallWins() {
    assertThat(full()
            .use("b")
            .workers(3)
            .slots(5)
            .resource("r")
            .cpus(9)
            .memory("1GB")
            .disk("2TB")
            .gpus(2)
            .config("walltime", "1h")
            .build())
        .isEqualTo(new Pool(
            "gpu",
            "b",
            Workers.of(3),
            5,
            "r",
            Quantities.builder().cpus(9).memory("1GB").disk("2TB").gpus(2).build(),
            Map.of("walltime", "1h")));
  }

  @Test
  void toBuilderGivesAnEqualPool() {
    assertThat(full().build().toBuilder().build()).isEqualTo(full().build());
  }

  @Test
  void theBuiltPoolDoesNotChangeWithItsBuilder() {
    Pool.Builder builder = full();
    Pool pool = builder.build();
    builder.cpus(1).config("queue", "long");
    assertThat(pool.toBuilder().config("queue", "long").cpus(1).build()).isNotEqualTo(pool);
    assertThat(pool).isEqualTo(full().build());
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> pool.config().clear());
  }

  @Test
  void aPoolThatSaysNothingIsOneWorkerWithOneSlot() {
    Pool pool = Pool.builder("default").build();
    assertThat(pool.workersOrDefault()).isEqualTo(Workers.of(1));
    assertThat(pool.slotsOrDefault()).isEqualTo(1);
    assertThat(pool.capacity()).isEqualTo(1);
  }

  @Test
  void capacityIsWorkersTimesSlots() {
    assertThat(full().workers(0, 50).build().capacity()).isEqualTo(200);
    assertThat(full().workers(1_000_000).slots(1_000_000).build().capacity())
        .isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void providesItsNameAndItsClass() {
    Pool pool = full().build();
    assertThat(pool.provides("gpu")).isTrue();
    assertThat(pool.provides("accelerated")).isTrue();
    assertThat(pool.provides("default")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1_000_001})
  void rejectsSlotsAndWorkersOutOfRange(int count) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> full().slots(count).build())
        .withMessageContaining("pool gpu: slots must be 1 to 1000000, got " + count);
    assertThatIllegalArgumentException().isThrownBy(() -> full().workers(count));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PoolProfile("p", null, count, null, Quantities.none(), Map.of()));
  }

  @ParameterizedTest
  @CsvSource({"-1, 1", "0, 0", "2, 1", "0, 1000001"})
  void rejectsWorkerRangesThatAreNone(int min, int max) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Workers(min, max))
        .withMessageContaining("min " + min + ", max " + max);
  }

  @Test
  void showsWorkers() {
    assertThat(Workers.of(20)).hasToString("20");
    assertThat(new Workers(0, 50)).hasToString("0..50");
  }

  @Test
  void rejectsBlankNames() {
    assertThatIllegalArgumentException().isThrownBy(() -> Pool.builder("").build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PoolProfile(" ", null, null, null, Quantities.none(), Map.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NamedExecutor("", null, null, null, Map.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> new WorkerEnvironment("", Map.of()));
  }

  @Test
  void rejectsQuantitiesOutOfRange() {
    assertThatIllegalArgumentException().isThrownBy(() -> full().cpus(0).build());
    assertThatIllegalArgumentException().isThrownBy(() -> full().gpus(-1).build());
    assertThatIllegalArgumentException().isThrownBy(() -> full().memory("much"));
  }
}
