package dev.muster.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class QuantitiesTest {
  private static final Quantities WORKER =
      Quantities.builder().cpus(4).memory("64GB").disk("1TB").gpus(1).build();

  @Test
  void lastCallWins() {
    assertThat(Quantities.builder().cpus(1).cpus(2).memory("1GB").memory("2GB").build())
        .isEqualTo(Quantities.builder().cpus(2).memory("2GB").build());
  }

  @Test
  void toBuilderGivesAnEqualValue() {
    assertThat(WORKER.toBuilder().build()).isEqualTo(WORKER);
    assertThat(Quantities.none().toBuilder().build()).isEqualTo(Quantities.none());
  }

  @Test
  void rejectsZeroCpus() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Quantities.builder().cpus(0).build())
        .withMessage("cpus must be 1 or more, got 0");
  }

  @Test
  void rejectsNegativeGpus() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Quantities.builder().gpus(-1).build())
        .withMessage("gpus must be 0 or more, got -1");
  }

  @Test
  void zeroGpusAreSaidButNotHad() {
    Quantities none = Quantities.builder().gpus(0).build();
    assertThat(none.isEmpty()).isFalse();
    assertThat(none.hasGpus()).isFalse();
    assertThat(WORKER.hasGpus()).isTrue();
  }

  @Test
  void higherValuesWin() {
    assertThat(Quantities.builder().cpus(8).build().over(WORKER))
        .isEqualTo(WORKER.toBuilder().cpus(8).build());
  }

  @Test
  void namesEverythingThatIsLacking() {
    Quantities need =
        Quantities.builder().cpus(8).memory("128GB").disk("2TB").gpus(2).build();
    assertThat(WORKER.lacking(need))
        .containsExactly("cpus 4 < 8", "memory 64GB < 128GB", "disk 1TB < 2TB", "gpus 1 < 2");
    assertThat(WORKER.covers(need)).isFalse();
  }

  @Test
  void coversWhatItHas() {
    assertThat(WORKER.lacking(WORKER)).isEmpty();
    assertThat(WORKER.covers(WORKER)).isTrue();
  }

  @Test
  void whatIsNotSaidIsOneCpuNoGpuAndUnboundedMemoryAndDisk() {
    Quantities need =
        Quantities.builder().cpus(2).memory("1PB").disk("1PB").gpus(1).build();
    assertThat(Quantities.none().lacking(need)).containsExactly("cpus 1 < 2", "gpus 0 < 1");
    assertThat(
            Quantities.none().covers(Quantities.builder().cpus(1).memory("1PB").build()))
        .isTrue();
  }

  @Test
  void saysWhatItIs() {
    assertThat(WORKER).hasToString("cpus 4, memory 64GB, disk 1TB, gpus 1");
    assertThat(Quantities.none()).hasToString("nothing said");
  }

  @Test
  void aTaskOfMpiHasProcessesOnNodes() {
    Quantities asked = Quantities.builder().cpus(2).nodes(3).tasksPerNode(4).build();
    assertThat(asked.ranks()).isEqualTo(12);
    assertThat(asked.cpusPerNode()).isEqualTo(8);
    assertThat(asked.parallel()).isTrue();
    assertThat(asked).hasToString("cpus 2, nodes 3, tasks_per_node 4");
    assertThat(Quantities.none().ranks()).isEqualTo(1);
    assertThat(Quantities.none().cpusPerNode()).isNull();
    assertThat(Quantities.builder().nodes(1).tasksPerNode(1).build().parallel()).isFalse();
    assertThat(Quantities.builder().nodes(1).build().isEmpty()).isFalse();
  }

  @Test
  void nodesThatAreNotSaidAreOne() {
    Quantities need = Quantities.builder().nodes(2).tasksPerNode(4).build();
    assertThat(Quantities.none().covers(need)).isFalse();
    assertThat(Quantities.none().lacking(need))
        .containsExactly("nodes 1 < 2", "tasks_per_node 1 < 4");
    assertThat(Quantities.none().covers(Quantities.builder().nodes(1).build())).isTrue();
    assertThat(need.over(Quantities.builder().nodes(8).cpus(3).build()))
        .isEqualTo(Quantities.builder().nodes(2).tasksPerNode(4).cpus(3).build());
    assertThat(need.toBuilder().build()).isEqualTo(need);
    assertThatThrownBy(() -> Quantities.builder().nodes(0).build())
        .hasMessage("nodes must be 1 or more, got 0");
    assertThatThrownBy(() -> Quantities.builder().tasksPerNode(0).build())
        .hasMessage("tasks_per_node must be 1 or more, got 0");
  }
}
