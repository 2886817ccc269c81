package dev.muster.examples.dimuon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.muster.examples.DimuonExample;
import dev.muster.examples.PlanWalk;
import dev.muster.examples.dimuon.MassSpectrum.DatasetCutFlow;
import dev.muster.examples.dimuon.MassSpectrum.Sample;
import dev.muster.examples.physics.Particles;
import dev.muster.examples.plot.SvgWriter;
import dev.muster.examples.stats.PeakFitResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operations of the whole example, stage after stage as the planner orders them, without the engine. */
class DimuonAnalysisTest {
  @TempDir
  static Path directory;

  private static PlanWalk walk;
  private static MassSpectrum spectrum;
  private static PeakFitResult fit;

  @BeforeAll
  static void analyse() throws Exception {
    walk = PlanWalk.of(
        DimuonExample.workflow(directory),
        DimuonExample.execution(),
        new DimuonOperations(),
        directory);
    spectrum = walk.output("MassHistogram", MassSpectrum.class);
    fit = walk.output("FitPeak", PeakFitResult.class);
  }

  @Test
  void stagesGoToTheirPools() {
    assertThat(walk.plan.stages())
        .extracting(stage -> stage.route().pools().get(0).name())
        .containsExactly(
            "default", "high_memory", "default", "gpu", "gpu", "default", "default", "default");
  }

  @Test
  void readsAtLeast400ThousandEvents() {
    long events = walk.outputs("BuildIndex").stream()
        .mapToLong(index -> ((DatasetIndex) index).events())
        .sum();
    assertThat(events).isGreaterThan(400_000);
    assertThat(spectrum.cutFlows().stream()
            .mapToLong(flow -> flow.cutFlow().steps().get(0).events())
            .sum())
        .isEqualTo(events);
  }

  @Test
  void fittedPeakIsTheZ() {
    assertThat(fit.model().mean()).isCloseTo(Particles.Z_MASS, within(0.04));
    assertThat(fit.uncertainty().mean()).isBetween(0.005, 0.02);
    assertThat(fit.model().sigma()).isBetween(0.8, 1.2);
    assertThat(fit.chiSquare() / fit.degreesOfFreedom()).isBetween(0.5, 1.7);
  }

  @Test
  void histogramsHoldTheSelectedEvents() {
    long passed = 0;
    long inRange = 0;
    double inSimulation = 0;
    List<Object> selections = walk.outputs("RunInference");
    for (int i = 0; i < selections.size(); i++) {
      ScoredSelection scored = (ScoredSelection) selections.get(i);
      int task = walk.plan.stage("RunInference").firstTask() + i;
      boolean data = Tasks.isData(Objects.requireNonNull(walk.plan.datasetOf(task)));
      for (int k = 0; k < scored.scores().length(); k++) {
        double mass = scored.selection().candidates().get(k).mass();
        boolean accepted = scored.scores().get(k) > 0.25;
        boolean inside = mass >= 60 && mass < 120;
        passed += data && accepted ? 1 : 0;
        inRange += data && accepted && inside ? 1 : 0;
        inSimulation += !data && accepted && inside ? 1 : 0;
      }
    }
    assertThat((long) spectrum.data().sum()).isEqualTo(inRange);
    DatasetCutFlow data = spectrum.cutFlows().get(0);
    assertThat(data.dataset()).isEqualTo("data");
    assertThat(data.cutFlow().steps().get(4).events()).isEqualTo(passed);
    double unweighted = 0;
    for (int i = 0; i < spectrum.simulation().size(); i++) {
      double weight = spectrum.cutFlows().get(i + 1).weight();
      unweighted += spectrum.simulation().get(i).masses().sum() / weight;
    }
    assertThat(unweighted).isCloseTo(inSimulation, within(1e-6 * inSimulation));
  }

  @Test
  void cutFlowsOnlyFall() {
    for (DatasetCutFlow flow : spectrum.cutFlows()) {
      assertThat(flow.cutFlow().steps().stream().map(CutFlow.Step::events))
          .isSortedAccordingTo((a, b) -> Long.compare(b, a));
    }
  }

  @Test
  void simulationIsNormalisedToTheData() {
    double expected = spectrum.simulation().stream()
        .mapToDouble(sample -> sample.masses().sum())
        .sum();
    double seen = spectrum.data().sum();
    assertThat(spectrum.luminosity()).isCloseTo(50, within(1e-9));
    assertThat(seen).isCloseTo(expected, within(5 * Math.sqrt(seen)));
  }

  @Test
  void classifierTellsSignalFromBackground() {
    Object area = walk.diagnostics.get("TrainModel").get("roc_area");
    assertThat((Double) area).isBetween(0.90, 0.97);
  }

  @Test
  void classifierDoesNotBendTheContinuumIntoAPeak() {
    Sample continuum = spectrum.simulation().stream()
        .filter(sample -> sample.name().equals("continuum"))
        .findFirst()
        .orElseThrow();
    double below = sum(continuum, 15, 25);
    double peak = sum(continuum, 26, 36);
    double above = sum(continuum, 37, 47);
    assertThat(peak).isCloseTo(Math.sqrt(below * above), within(0.12 * peak));
  }

  @Test
  void resultIsTheSameOnEveryJdk() throws IOException {
    String json = Files.readString(directory.resolve("output/FitPeak/fit.json"));
    assertThat(json).isEqualTo(resource("fit.json"));
    String cutFlow = Files.readString(directory.resolve("output/MassHistogram/cutflow.txt"));
    assertThat(cutFlow).isEqualTo(resource("cutflow.txt"));
  }

  @Test
  void plotInTheDocumentationIsUpToDate() throws IOException {
    String svg = Files.readString(directory.resolve("output/ProducePlots/dimuon.svg"));
    assertThat(svg).isEqualTo(Files.readString(Path.of("../docs/images/dimuon.svg")));
  }

  @Test
  void plotSaysWhatItShows() {
    String svg = SvgWriter.write(
        ProducePlots.plot(spectrum, fit, "a <heading>", "a remark").drawing());
    assertThat(svg)
        .contains("m(μμ) [GeV]", "Events / 1 GeV", "Data / sim.", "a &lt;heading&gt;")
        .contains("a remark, 50 pb⁻¹", "Z → μμ", "Continuum", "Top-quark pairs", " ± ");
  }

  @Test
  void writesAPng() throws IOException {
    byte[] png = Files.readAllBytes(directory.resolve("output/ProducePlots/dimuon.png"));
    assertThat(png).startsWith(0x89, 'P', 'N', 'G').hasSizeGreaterThan(20_000);
  }

  private static double sum(Sample sample, int from, int to) {
    double sum = 0;
    for (int bin = from; bin < to; bin++) {
      sum += sample.masses().content(bin);
    }
    return sum;
  }

  private static String resource(String name) throws IOException {
    try (InputStream stream = DimuonAnalysisTest.class.getResourceAsStream("/dimuon/" + name)) {
      return new String(
          Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
