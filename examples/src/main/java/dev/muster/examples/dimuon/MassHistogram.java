package dev.muster.examples.dimuon;

import dev.muster.examples.dimuon.MassSpectrum.DatasetCutFlow;
import dev.muster.examples.dimuon.MassSpectrum.Sample;
import dev.muster.examples.stats.Histogram;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Fills the masses of all datasets into histograms, simulation weighted to the luminosity of the data: a
 * {@link MassSpectrum}. Writes {@code cutflow.txt}.
 *
 * <p>Reads {@link ScoredSelection}s as {@code events} and {@link DatasetIndex}es as {@code index}. Parameters:
 * {@code low}, {@code high} in GeV (default 60 and 120); {@code bins} (default 60); {@code min_score}, the least score
 * of the classifier (default 0). A dataset's {@code label} and {@code color} are those of the plot. Thread-safe.
 */
final class MassHistogram implements Operation {
  @Override
  public MassSpectrum run(OperationContext context) throws IOException {
    double minScore = context.param("min_score", 0.0);
    Map<String, Double> luminosities = new LinkedHashMap<>();
    for (DatasetIndex index : Tasks.inputs(context, "index", DatasetIndex.class)) {
      luminosities.put(index.dataset(), index.luminosity());
    }
    Map<String, Dataset> datasets = new LinkedHashMap<>();
    Map<String, List<ScoredSelection>> events = new LinkedHashMap<>();
    List<Dataset> owners = Tasks.datasets(context, "events");
    List<ScoredSelection> selections = Tasks.inputs(context, "events", ScoredSelection.class);
    double luminosity = 0;
    for (int i = 0; i < owners.size(); i++) {
      Dataset dataset = owners.get(i);
      if (datasets.put(dataset.name(), dataset) == null && Tasks.isData(dataset)) {
        luminosity += luminosityOf(dataset, luminosities);
      }
      events.computeIfAbsent(dataset.name(), name -> new ArrayList<>()).add(selections.get(i));
    }
    if (luminosity <= 0) {
      throw new IllegalArgumentException("no dataset has eventtype: data");
    }
    Histogram data = filling(context).histogram();
    List<Sample> simulation = new ArrayList<>();
    List<DatasetCutFlow> cutFlows = new ArrayList<>();
    for (Dataset dataset : datasets.values()) {
      boolean isData = Tasks.isData(dataset);
      double weight = isData ? 1 : luminosity / luminosityOf(dataset, luminosities);
      Histogram.Filling masses = filling(context);
      CutFlow before = CutFlow.empty();
      long passed = 0;
      for (ScoredSelection selection : events.getOrDefault(dataset.name(), List.of())) {
        passed += fill(selection, minScore, weight, masses);
        before = before.plus(selection.selection().cutFlow());
      }
      cutFlows.add(
          new DatasetCutFlow(dataset.name(), weight, before.then("score > " + minScore, passed)));
      if (isData) {
        data = data.plus(masses.histogram());
      } else {
        String label = Tasks.attribute(dataset, "label", dataset.name());
        String color = Tasks.attribute(dataset, "color", "#999999");
        simulation.add(new Sample(dataset.name(), label, color, masses.histogram()));
      }
    }
    MassSpectrum spectrum = new MassSpectrum(luminosity, data, simulation, cutFlows);
    Files.writeString(context.outputDirectory().resolve("cutflow.txt"), table(spectrum));
    return spectrum;
  }

  private static long fill(
      ScoredSelection scored, double minScore, double weight, Histogram.Filling masses) {
    long passed = 0;
    List<Candidate> candidates = scored.selection().candidates();
    for (int i = 0; i < candidates.size(); i++) {
      if (scored.scores().get(i) > minScore) {
        masses.fill(candidates.get(i).mass(), weight);
        passed++;
      }
    }
    return passed;
  }

  private static double luminosityOf(Dataset dataset, Map<String, Double> luminosities) {
    Double luminosity = luminosities.get(dataset.name());
    if (luminosity == null) {
      throw new IllegalArgumentException("the index lacks dataset " + dataset.name());
    }
    return luminosity;
  }

  private static Histogram.Filling filling(OperationContext context) {
    return Histogram.filling(
        context.param("low", 60.0), context.param("high", 120.0), context.param("bins", 60));
  }

  private static String table(MassSpectrum spectrum) {
    StringBuilder text = new StringBuilder();
    List<CutFlow.Step> cuts = spectrum.cutFlows().get(0).cutFlow().steps();
    text.append(String.format(Locale.ROOT, "%-12s %8s", "dataset", "weight"));
    for (CutFlow.Step cut : cuts) {
      text.append(String.format(Locale.ROOT, " %22s", cut.cut()));
    }
    for (DatasetCutFlow line : spectrum.cutFlows()) {
      text.append(String.format(Locale.ROOT, "\n%-12s %8.4f", line.dataset(), line.weight()));
      for (CutFlow.Step step : line.cutFlow().steps()) {
        text.append(String.format(Locale.ROOT, " %22d", step.events()));
      }
    }
    return text.append("\n").toString();
  }
}
