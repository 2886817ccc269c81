package dev.muster.examples.dimuon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.within;

import dev.muster.examples.PlanWalk;
import dev.muster.examples.physics.DimuonEvent;
import dev.muster.examples.physics.EventFile;
import dev.muster.examples.physics.Muon;
import dev.muster.testkit.FakeContext.Item;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelectMuonsTest {
  private static final Dataset DATASET = Dataset.of("zmumu", "some.events");
  private static final List<DimuonEvent> EVENTS = List.of(
      event(0, 45, 0, 1, 45, 0, -1), // good
      event(1, 45, 0, 1, 45, 0, 1), // same charge
      event(2, 24.9f, 0, 1, 24, 0, -1), // leading muon too soft
      event(3, 15.1f, 0, 1, 26, 2.39f, -1), // good, the second muon leads
      event(4, 14.9f, 0, 1, 60, 0, -1), // second muon too soft
      event(5, 45, 2.41f, 1, 45, 0, -1), // first muon too far forward
      event(6, 45, 0, -1, 45, -2.41f, 1)); // second muon too far forward

  @TempDir
  Path directory;

  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = directory.resolve("some.events");
    EventFile.write(file, 1, 2.5, EVENTS);
  }

  @Test
  void selectsHardCentralPairsOfOppositeCharge() throws IOException {
    Selection selection = select(index(2));
    assertThat(selection.candidates()).extracting(Candidate::number).containsExactly(0, 3);
    assertThat(selection.candidates().get(0).mass()).isCloseTo(90, within(1e-3));
    assertThat(selection.cutFlow().steps())
        .extracting(CutFlow.Step::events)
        .containsExactly(7L, 6L, 4L, 2L);
  }

  @Test
  void blocksOfAnySizeGiveTheSameSelection() throws IOException {
    Selection one = select(index(1));
    assertThat(select(index(3))).isEqualTo(one);
    assertThat(select(index(4096))).isEqualTo(one);
  }

  @Test
  void indexKnowsWhereEventsAre() throws IOException {
    DatasetIndex index = index(3);
    assertThat(index.events()).isEqualTo(7);
    assertThat(index.luminosity()).isEqualTo(2.5);
    List<DatasetIndex.Block> blocks = index.file(file).blocks();
    assertThat(blocks)
        .extracting(DatasetIndex.Block::offset)
        .containsExactly(28L, 28L + 3 * 42, 28L + 6 * 42);
    assertThat(blocks.get(0).oppositeCharge().asList()).containsExactly(0, 84);
    assertThat(blocks.get(1).hardest()).isEqualTo(60);
  }

  @Test
  void noticesThatTheFileChanged() throws IOException {
    DatasetIndex index = index(3);
    byte[] bytes = Files.readAllBytes(file);
    bytes[100] ^= 1;
    Files.write(file, bytes);
    assertThatIOException()
        .isThrownBy(() -> select(index))
        .withMessageContaining("has changed since it was indexed");
  }

  private DatasetIndex index(int blockEvents) throws IOException {
    Stage stage = Stage.builder("BuildIndex").param("block_events", blockEvents).build();
    return new BuildIndex()
        .run(PlanWalk.context(stage, directory)
            .dataset(DATASET)
            .items("Generate", List.of(new Item(List.of(FileRef.of(file)), null, DATASET)))
            .build());
  }

  private Selection select(DatasetIndex index) throws IOException {
    Partition partition = new Partition(0, "zmumu", List.of("some.events"), 0, -1);
    return new SelectMuons()
        .run(PlanWalk.context(Stage.builder("SelectMuons").build(), directory)
            .partition(partition)
            .dataset(DATASET)
            .item("BuildIndex", new Item(index, null, DATASET))
            .build());
  }

  private static DimuonEvent event(
      int number, float pt1, float eta1, int charge1, float pt2, float eta2, int charge2) {
    return new DimuonEvent(
        number,
        new Muon(pt1, eta1, 0, charge1, 0.02),
        new Muon(pt2, eta2, Math.PI, charge2, 0.03),
        10);
  }
}
