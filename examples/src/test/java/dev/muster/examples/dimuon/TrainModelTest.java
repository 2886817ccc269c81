package dev.muster.examples.dimuon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.examples.PlanWalk;
import dev.muster.examples.physics.RandomStream;
import dev.muster.testkit.FakeContext;
import dev.muster.testkit.FakeContext.Item;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Stage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainModelTest {
  @TempDir
  Path directory;

  // A classifier trained on pure noise must not find any: it would if it were tested on the events
  // of its training.
  @Test
  void noEventIsScoredByTheNetworkThatSawIt() {
    RandomStream random = new RandomStream(8);
    Stage stage =
        Stage.builder("TrainModel").param("epochs", 60).param("hidden", 20).build();
    FakeContext context = PlanWalk.context(stage, directory)
        .items("events", List.of(noise("zmumu", random), noise("continuum", random)))
        .build();
    new TrainModel().run(context);
    assertThat((Double) context.diagnostics().get("roc_area")).isBetween(0.44, 0.56);
  }

  private static Item noise(String dataset, RandomStream random) {
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      candidates.add(new Candidate(
          i,
          90,
          random.uniform(),
          random.uniform(),
          random.uniform(),
          random.uniform(),
          random.uniform(),
          100 * random.uniform()));
    }
    return new Item(
        new Selection(candidates, CutFlow.empty()), null, Dataset.of(dataset, "some.events"));
  }
}
