package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.testkit.FakeContext.Item;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FakeContextTest {
  @Test
  void givesWhatItWasGiven(@TempDir Path folder) {
    Partition partition = new Partition(3, "ttbar", List.of("a.csv"), 0, -1);
    FakeContext context = FakeContext.builder("Select")
        .param("cut", 30)
        .input("Read", List.of(1, 2))
        .input("Weights", null)
        .gathered("All", 1, null, 3)
        .partition(partition)
        .variable("HOME", "/home")
        .attempt(2)
        .worker("gpu", "gpu-1")
        .outputDirectory(folder.resolve("out"))
        .baseDirectory(folder)
        .build();
    assertThat(context.stage().id()).isEqualTo("Select");
    assertThat(context.param("cut", double.class)).isEqualTo(30.0);
    assertThat(context.param("other", "none")).isEqualTo("none");
    assertThat(context.inputNames()).containsExactly("Read", "Weights", "All");
    assertThat((Object) context.input("Read", List.class)).isEqualTo(List.of(1, 2));
    assertThat(context.inputs("Read")).containsExactly(List.of(1, 2));
    assertThat(context.inputs("Weights")).isEmpty();
    assertThat(context.input("All")).isEqualTo(context.inputs("All"));
    assertThat(context.inputs("All")).containsExactly(1, null, 3);
    assertThat(context.partition()).isEqualTo(partition);
    assertThat(context.dataset()).isEqualTo(Dataset.of("ttbar", "a.csv"));
    assertThat(context.variables()).containsEntry("HOME", "/home");
    assertThat(context.attempt()).isEqualTo(2);
    assertThat(context.pool() + context.worker()).isEqualTo("gpugpu-1");
    assertThat(context.outputDirectory()).isEmptyDirectory();
    assertThat(context.baseDirectory()).isEqualTo(folder);
  }

  @Test
  void tellsWhereInputsComeFrom() {
    Partition own = new Partition(3, "ttbar", List.of("a.csv"), 0, -1);
    Partition other = new Partition(4, "data", List.of("b.csv"), 0, -1);
    Dataset data = Dataset.of("data", "b.csv");
    FakeContext context = FakeContext.builder("Merge")
        .input("Read", 1)
        .input("Absent", null)
        .gathered("All", 1, null)
        .item("Index", new Item(2, null, data))
        .items("Parts", List.of(new Item(3, other, data), new Item(null, null, null)))
        .partition(own)
        .build();
    assertThat(context.inputPartitions("Read")).containsExactly(own);
    assertThat(context.inputPartitions("Absent")).isEmpty();
    assertThat(context.inputPartitions("All")).containsExactly(own, own);
    assertThat(context.inputDatasets("All")).hasSize(2).containsOnly(context.dataset());
    assertThat(context.input("Index")).isEqualTo(2);
    assertThat(context.inputPartitions("Index")).containsExactly((Partition) null);
    assertThat(context.inputDatasets("Index")).containsExactly(data);
    assertThat(context.inputs("Parts")).containsExactly(3, null);
    assertThat(context.input("Parts")).isEqualTo(context.inputs("Parts"));
    assertThat(context.inputPartitions("Parts")).containsExactly(other, null);
    assertThat(context.inputDatasets("Parts")).containsExactly(data, null);
  }

  @Test
  void keepsWhatItIsTold() {
    FakeContext context = FakeContext.builder("A").build();
    context.log("one");
    context.diagnostic("n", 1);
    assertThat(context.cancelled()).isFalse();
    context.cancel();
    assertThat(context.logged()).containsExactly("one");
    assertThat(context.diagnostics()).containsEntry("n", 1);
    assertThat(context.cancelled()).isTrue();
  }

  @Test
  void saysWhatIsMissing() {
    FakeContext context = FakeContext.builder("A").input("B", "text").build();
    assertThatThrownBy(() -> context.param("n", Integer.class))
        .hasMessage("stage A needs the parameter 'n'");
    assertThatThrownBy(() -> context.input("C")).hasMessage("stage A has no input 'C'; it has [B]");
    assertThatThrownBy(() -> context.input("B", Integer.class))
        .hasMessage("stage A: input 'B' is a java.lang.String, not a java.lang.Integer");
    assertThatThrownBy(context::outputDirectory).hasMessageContaining("outputDirectory");
  }
}
