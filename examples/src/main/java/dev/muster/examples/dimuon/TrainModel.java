package dev.muster.examples.dimuon;

import dev.muster.examples.learning.Network;
import dev.muster.examples.learning.RocCurve;
import dev.muster.examples.learning.Training;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Trains the classifier on simulated events: a {@link Model}.
 *
 * <p>Reads {@link Selection}s of simulated datasets. Parameters: {@code signal}, the dataset to find (default
 * {@code zmumu}); {@code hidden} units (default 12); {@code epochs} (default 5); {@code seed} (default 1);
 * {@code max_events}, the most events of each class in each half (default 20000). Thread-safe.
 */
final class TrainModel implements Operation {
  @Override
  public Model run(OperationContext context) {
    String signalName = context.param("signal", "zmumu");
    int maxEvents = context.param("max_events", 20_000);
    Training.Settings settings = new Training.Settings(
        context.param("hidden", 12), context.param("epochs", 5), 0.01, context.param("seed", 1L));
    String input = context.inputNames().iterator().next();
    List<Candidate> signal = new ArrayList<>();
    List<Candidate> background = new ArrayList<>();
    List<Dataset> datasets = Tasks.datasets(context, input);
    List<Selection> selections = Tasks.inputs(context, input, Selection.class);
    for (int i = 0; i < datasets.size(); i++) {
      boolean isSignal = datasets.get(i).name().equals(signalName);
      (isSignal ? signal : background).addAll(selections.get(i).candidates());
    }
    Network[] halves = new Network[2];
    for (int parity = 0; parity < 2; parity++) {
      halves[parity] = Training.train(
          half(signal, parity, maxEvents),
          half(background, parity, maxEvents),
          settings,
          context::cancelled);
    }
    Tasks.stopIfCancelled(context);
    Model model = new Model(halves[0], halves[1]);
    double area = RocCurve.area(scores(model, signal), scores(model, background));
    context.diagnostic("roc_area", area);
    context.log(String.format(Locale.ROOT, "area under the ROC curve: %.4f", area));
    return model;
  }

  // Every n-th event, so that all datasets take part in the same proportion.
  private static List<double[]> half(List<Candidate> candidates, int parity, int most) {
    List<Candidate> half = candidates.stream()
        .filter(candidate -> candidate.number() % 2 == parity)
        .toList();
    int step = Math.max(1, (half.size() + most - 1) / most);
    List<double[]> features = new ArrayList<>();
    for (int i = 0; i < half.size(); i += step) {
      features.add(half.get(i).features());
    }
    return features;
  }

  private static double[] scores(Model model, List<Candidate> candidates) {
    return candidates.stream().mapToDouble(model::score).toArray();
  }
}
