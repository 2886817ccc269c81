package dev.muster.examples.dimuon;

import dev.muster.examples.stats.Histogram;
import java.util.List;

/**
 * The dimuon mass in data and simulation.
 *
 * <p>Immutable and thread-safe.
 *
 * @param luminosity the integrated luminosity of the data in 1/pb
 * @param data the data, unweighted
 * @param simulation the simulated datasets, weighted to the luminosity of the data
 * @param cutFlows a line for each dataset, the data first
 */
record MassSpectrum(
    double luminosity, Histogram data, List<Sample> simulation, List<DatasetCutFlow> cutFlows) {
  MassSpectrum {
    simulation = List.copyOf(simulation);
    cutFlows = List.copyOf(cutFlows);
  }

  /**
   * One simulated dataset.
   *
   * @param name the dataset's name
   * @param label its name in the legend
   * @param color its colour, for example {@code #56B4E9}
   * @param masses its weighted masses
   */
  record Sample(String name, String label, String color, Histogram masses) {}

  /**
   * The events of a dataset after each cut, unweighted.
   *
   * @param weight what one of them counts for in the histogram
   */
  record DatasetCutFlow(String dataset, double weight, CutFlow cutFlow) {}
}
